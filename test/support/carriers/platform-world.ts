import { openConnections } from "../../../src/client/connection.ts";
import { Secret } from "../../../src/domain/secret.ts";
import type { Clock } from "../../../src/lib/clock.ts";
import type { Carrier } from "../../../src/service/carriers/carrier.ts";
import { elevenlabs } from "../../../src/service/carriers/platforms/elevenlabs/elevenlabs.ts";
import type { Platform } from "../../../src/service/carriers/platforms/platform.ts";
import { createPlatformCarrier } from "../../../src/service/carriers/platforms/platform-carrier.ts";
import { retell } from "../../../src/service/carriers/platforms/retell/retell.ts";
import { telnyx } from "../../../src/service/carriers/platforms/telnyx/telnyx.ts";
import { twilio } from "../../../src/service/carriers/platforms/twilio/twilio.ts";
import { vapi } from "../../../src/service/carriers/platforms/vapi/vapi.ts";
import { ElevenlabsStandIn } from "../platforms/elevenlabs-stand-in.ts";
import { RetellStandIn } from "../platforms/retell-stand-in.ts";
import type { PlatformStandIn } from "../platforms/stand-in.ts";
import { TelnyxStandIn } from "../platforms/telnyx-stand-in.ts";
import { TwilioStandIn } from "../platforms/twilio-stand-in.ts";
import { VapiStandIn } from "../platforms/vapi-stand-in.ts";
import { CarrierWorld, type CarrierWorldSetup, type ProcessParts } from "./carrier-world.ts";

/** A voice-agent platform and what stands in for it. A platform that is added joins the contract suite by a row here. */
export const platformsUnderTest = {
  retell: { platform: retell, start: (clock: Clock) => RetellStandIn.start(clock) },
  elevenlabs: { platform: elevenlabs, start: (clock: Clock) => ElevenlabsStandIn.start(clock) },
  vapi: { platform: vapi, start: (clock: Clock) => VapiStandIn.start(clock) },
  telnyx: { platform: telnyx, start: (clock: Clock) => TelnyxStandIn.start(clock) },
  twilio: { platform: twilio, start: (clock: Clock) => TwilioStandIn.start(clock) },
} as const satisfies Record<string, { platform: Platform; start(clock: Clock): Promise<PlatformStandIn> }>;

export type PlatformName = keyof typeof platformsUnderTest;

// Safe: the keys of an object that has these alone.
export const platformNames = Object.keys(platformsUnderTest) as PlatformName[];

/** Where the platform is told that it reaches this service. */
export const noticeUrl = "https://calls.example.com/carrier/notices";

/** The carrier of a voice-agent platform before its stand-in. */
export class PlatformWorld extends CarrierWorld {
  readonly #platform: Platform;
  #standIn: PlatformStandIn | undefined;
  #carrier: Carrier | undefined;

  private constructor(platform: Platform, setup: CarrierWorldSetup) {
    super(setup);
    this.#platform = platform;
  }

  static async open(name: PlatformName, setup: CarrierWorldSetup = {}): Promise<PlatformWorld> {
    const { platform, start } = platformsUnderTest[name];
    const world = new PlatformWorld(platform, setup);
    world.#standIn = await start(world.clock);
    await world.startProcess();
    return world;
  }

  get standIn(): PlatformStandIn {
    if (!this.#standIn) throw new Error("The stand-in was not started");
    return this.#standIn;
  }

  /** That of the process that runs. */
  get placing(): Carrier {
    if (!this.#carrier) throw new Error("No process was started");
    return this.#carrier;
  }

  protected override get held(): ReadonlySet<string> {
    return this.standIn.held;
  }

  protected override openCarrier({ survive, sends, log }: ProcessParts): Carrier {
    const { clock } = this;
    const connections = this.watched(openConnections(clock, { answerDeadlineMs: 25_000 }), survive);
    const key = new Secret(this.standIn.apiKey);
    const noticeKey = new Secret(this.standIn.noticeKey);
    const access = { platform: this.#platform, baseUrl: this.standIn.url, key, noticeKey, noticeUrl, connections };
    this.#carrier = createPlatformCarrier({ ...access, sends, clock, log });
    return this.#carrier;
  }

  override get rung(): readonly string[] {
    return this.standIn.rung;
  }

  override async close(): Promise<void> {
    await super.close();
    await this.standIn.stop();
  }
}
