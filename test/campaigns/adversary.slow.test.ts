import { describe, expect, test } from "vitest";
import { playAdversary, type Scene } from "../support/campaigns/adversary.ts";
import { allIsAgreed, nobodyAgrees, oneIsAgreed } from "../support/campaigns/adversary-scenes.ts";

const seed = 1;
const patience = 240_000;
const play = (scene: Scene, sequences: number) => playAdversary(scene, sequences, seed);

describe("an agent that tries everything it can and repeats everything it was shown", () => {
  test("rings nobody while no person agrees, and not even asks the API for it", { timeout: patience }, async () => {
    const { wrong, startsSent, rings, forms, pages, answered } = await play(nobodyAgrees, 40);
    expect({ wrong, startsSent, rings }).toEqual({ wrong: [], startsSent: 0, rings: 0 });
    // It was asked often enough, and much of what it did went through.
    expect([forms > 80, pages > 12, answered > 120]).toEqual([true, true, true]);
  });

  test("rings what a person agreed to, once, and nothing else", { timeout: patience }, async () => {
    const { wrong, rings } = await play(oneIsAgreed, 30);
    expect(wrong).toEqual([]);
    expect(rings).toBeGreaterThan(10);
  });

  test("breaks no limit with a person who agrees to everything", { timeout: patience }, async () => {
    const { wrong, rings } = await play(allIsAgreed, 30);
    expect(wrong).toEqual([]);
    expect(rings).toBeGreaterThan(10);
  });
});
