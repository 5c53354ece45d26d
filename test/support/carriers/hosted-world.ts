import { openConnections } from "../../../src/client/connection.ts";
import { createHostedApi } from "../../../src/client/hosted-api.ts";
import { Secret } from "../../../src/domain/secret.ts";
import type { Carrier } from "../../../src/service/carriers/carrier.ts";
import { createHostedCarrier } from "../../../src/service/carriers/hosted/hosted-carrier.ts";
import { HostedApi } from "../http/hosted-api.ts";
import { HostedPhones } from "../http/hosted-phones.ts";
import { CarrierWorld, type CarrierWorldSetup, type ProcessParts } from "./carrier-world.ts";

export type HostedSetup = CarrierWorldSetup & { readonly waveSize?: number };

const lateMs = 45_000;

/** The carrier `hosted` on a stand-in of the hosted API with only documented fields. */
export class HostedWorld extends CarrierWorld {
  readonly api: HostedApi;
  readonly phones: HostedPhones;
  readonly #waveSize: number;

  private constructor(api: HostedApi, { waveSize = 10, ...setup }: HostedSetup) {
    super(setup);
    this.api = api;
    this.#waveSize = waveSize;
    this.phones = new HostedPhones(this.clock);
    api.phones = this.phones;
    api.later = (arrive) => this.clock.at(new Date(this.clock.now().getTime() + lateMs), arrive);
  }

  static async open(setup: HostedSetup = {}): Promise<HostedWorld> {
    const world = new HostedWorld(await HostedApi.start(), setup);
    await world.startProcess();
    return world;
  }

  protected override get held(): ReadonlySet<string> {
    return this.api.held;
  }

  protected override openCarrier({ survive, sends, log }: ProcessParts): Carrier {
    const { clock } = this;
    const keys = { apiKey: new Secret("sk_1"), apiSecret: new Secret("s3cr3t_1") };
    const options = { baseUrl: async () => this.api.url, ...keys, clock, log, random: () => 0.5 };
    const api = createHostedApi(options, this.watched(openConnections(clock), survive));
    return createHostedCarrier({ api, sends, clock, log, waveSize: this.#waveSize });
  }

  override get rung(): readonly string[] {
    return this.phones.rung;
  }

  override async close(): Promise<void> {
    await super.close();
    await this.api.stop();
  }
}
