import { expect, test } from "vitest";
import { BridgeWorld } from "../../support/carriers/bridge-world.ts";
import type { BridgeFault } from "../../support/carriers/scripted-bridge.ts";
import { numberOf } from "../../support/service-world.ts";

/** Numbers from 0 (included) to 1, the same for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Six requests of ten go well; the others are lost, lose their answer or are answered wrongly. */
function drawFault(random: () => number): BridgeFault | undefined {
  const faults: readonly BridgeFault[] = [
    { kind: "lost" },
    { kind: "answer_lost" },
    { kind: "answer", status: 500, rings: random() < 0.5 },
    { kind: "answer", status: 404, body: "<html>Not found</html>" },
    { kind: "answer", status: 409, rings: true },
  ];
  return random() < 0.6 ? undefined : faults[Math.floor(random() * faults.length)];
}

/** One dial of ten arrives late, most of them after it was given up. */
function drawDialFault(random: () => number): BridgeFault | undefined {
  return random() < 0.1 ? { kind: "late", seconds: 1 + Math.round(random() * 40) } : drawFault(random);
}

test.each([1, 2, 3])(
  "faults at random, seed %i: 200 people are called once each, none is lost or unknown",
  async (seed) => {
    const random = randomOf(seed);
    const world = await BridgeWorld.start({ callsBack: seed === 3, settings: { maxConcurrent: 25 } });
    world.bridge.dialFaults = Array.from({ length: 600 }, () => drawDialFault(random));
    world.bridge.lookUpFaults = Array.from({ length: 600 }, () => drawFault(random));
    const batchId = await world.launch(200);
    for (let minute = 0; minute < 10; minute += 1) {
      await world.clock.advance({ minutes: 1 });
      if (random() > 0.5 || world.bridge.held.size > 0) continue;
      await world.stopService();
      await world.startService();
    }
    await world.clock.advance({ hours: 3 });

    const everybody = Array.from({ length: 200 }, (_, n) => numberOf(n + 1));
    expect(world.bridge.rung.toSorted()).toEqual(everybody.toSorted());
    expect(await world.batch(batchId)).toMatchObject({ status: "completed", counts: { completed: 200, unknown: 0 } });
    expect(world.bridge.dials.length).toBeGreaterThan(200);
    expect(world.bridge.unsigned).toEqual([]);
    await world.stop();
  },
);
