import { expect, test } from "vitest";
import { HostedWorld } from "../../support/carriers/hosted-world.ts";
import { HttpCarrierWorld, SimulatedWorld } from "../../support/carriers/other-worlds.ts";
import { type PlatformName, PlatformWorld } from "../../support/carriers/platform-world.ts";
import {
  callThroughFaults,
  type ProviderFault,
  type ProviderUnderTest,
} from "../../support/carriers/provider-under-test.ts";
import type { BridgeFault } from "../../support/carriers/scripted-bridge.ts";
import type { RequestFault } from "../../support/http/hosted-api.ts";
import type { StandInFault } from "../../support/platforms/stand-in.ts";

const hostedFaults: Readonly<Record<ProviderFault, RequestFault>> = {
  lost_request: "lost_request",
  lost_answer: "lost_answer",
  silent: "silent_after",
  late: "late",
  "429": 429,
  "500": 500,
  refused: 403,
};

const bridgeFaults: Readonly<Record<ProviderFault, BridgeFault>> = {
  lost_request: { kind: "lost" },
  lost_answer: { kind: "answer_lost" },
  silent: { kind: "late", seconds: 3_000 },
  late: { kind: "late", seconds: 45 },
  "429": { kind: "answer", status: 429, body: '{"state": "not_now", "retry_after_seconds": 20}' },
  "500": { kind: "answer", status: 500, rings: true },
  refused: { kind: "answer", status: 422 },
};

const platformFaults: Readonly<Record<ProviderFault, StandInFault>> = {
  lost_request: "lost_request",
  lost_answer: "lost_answer",
  silent: "silent_after",
  late: "late",
  "429": 429,
  "500": "500_after",
  refused: 400,
};

async function openPlatform(name: PlatformName): Promise<ProviderUnderTest> {
  const world = await PlatformWorld.open(name);
  const drawFaults: ProviderUnderTest["drawFaults"] = (draw) => {
    world.standIn.createFault = () => {
      const fault = draw();
      return fault && platformFaults[fault];
    };
    world.standIn.readFault = () => (draw() === "500" ? 500 : undefined);
  };
  return { world, drawFaults };
}

/** Every carrier, before the stand-in of its provider. */
const providers: Readonly<Record<string, () => Promise<ProviderUnderTest>>> = {
  async hosted() {
    const world = await HostedWorld.open({ waveSize: 4 });
    const drawFaults: ProviderUnderTest["drawFaults"] = (draw) => {
      world.api.faultOf = () => {
        const fault = draw();
        return fault && hostedFaults[fault];
      };
    };
    return { world, drawFaults };
  },
  async http() {
    const world = await HttpCarrierWorld.open();
    const drawFaults: ProviderUnderTest["drawFaults"] = (draw) => {
      const next = (): BridgeFault | undefined => {
        const fault = draw();
        return fault && bridgeFaults[fault];
      };
      const endless = { shift: next };
      // Safe: the bridge only ever takes the next one.
      Object.assign(world.bridge, { dialFaults: endless });
      // A look-up that is not answered is asked again; what a dial's faults say of a call it must not say.
      Object.assign(world.bridge, { lookUpFaults: { shift: () => (draw() === "500" ? { kind: "lost" } : undefined) } });
    };
    return { world, drawFaults };
  },
  retell: () => openPlatform("retell"),
  elevenlabs: () => openPlatform("elevenlabs"),
  vapi: () => openPlatform("vapi"),
  telnyx: () => openPlatform("telnyx"),
  twilio: () => openPlatform("twilio"),
  async simulated() {
    const world = await SimulatedWorld.open();
    const drawFaults: ProviderUnderTest["drawFaults"] = (draw) => {
      world.fault = () => (draw() === undefined ? undefined : draw() === undefined ? "lost_request" : "lost_answer");
    };
    return { world, drawFaults };
  },
};

/** Those whose provider says nothing of a request that went astray. */
const cannotKnow: ReadonlySet<string> = new Set(["hosted", "retell", "elevenlabs", "vapi", "telnyx", "twilio"]);

const cases = Object.keys(providers).flatMap((carrier) => [1, 2].map((seed) => [carrier, seed] as const));

test.each(cases)(
  "%s: each phone rings once at most, whatever becomes of the requests and of the process (seed %i)",
  async (carrier, seed) => {
    const open = providers[carrier];
    if (!open) throw new Error(`No carrier ${carrier}`);
    const provider = await open();
    try {
      const report = await callThroughFaults(provider, { people: 30, seed, kills: 10 });
      expect(report).toMatchObject({ rungTwice: [], wrong: [] });
      // Otherwise nothing went wrong, and the rest would prove nothing.
      expect(report.faults).toBeGreaterThan(5);
      if (!cannotKnow.has(carrier)) expect(report.unknown).toBe(0);
    } finally {
      await provider.world.close();
    }
  },
);
