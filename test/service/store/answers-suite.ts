import { describe, expect, test } from "vitest";
import type { Answer } from "../../../src/domain/batch/answers.ts";
import type { Outcome } from "../../../src/domain/batch/batch.ts";
import type { Store } from "../../../src/service/store/store.ts";
import { DialingWorld, numberOf, organizationId } from "../../support/dialing/dialing-world.ts";

/** What every store keeps of the answers in calls. */
export function describeAnswers(name: string, openStore: () => Promise<Store>): void {
  describe(name, () => {
    test("keeps them with the attempt, and counts each value", async () => {
      const world = new DialingWorld({ store: await openStore() });
      const batchId = await world.addBatch({ recipients: 5 });
      const now = world.clock.now();
      const request = { now, isOpen: () => true, limit: 50, ...world.settings, startsPerSecond: 50, maxConcurrent: 50 };
      const quoted = { name: "day", value: "Tuesday", quote: "“Tuesday”, 'I' said — \u00e9\ud83d\ude00" };
      const said = new Map<string, readonly Answer[]>([
        [numberOf(1), [quoted, { name: "people", value: "4" }]],
        [numberOf(2), [{ name: "day", value: "Tuesday" }]],
        [numberOf(3), [{ name: "day", value: "tuesday" }]],
      ]);
      const { claims } = await world.store.claim(request);
      for (const claim of claims) {
        const outcome: Outcome = claim.attempt.toNumber === numberOf(5) ? "busy" : "answered";
        const answers = said.get(claim.attempt.toNumber);
        const result = { outcome, startedAt: now, endedAt: now, ringMs: 0, talkMs: 0, ...(answers && { answers }) };
        await world.store.complete(claim, result, { kind: "final", status: "completed", reason: "over" }, now);
      }
      const counts = await world.store.countAnswers(batchId);
      expect(counts.map(({ name: of, value, recipients }) => `${of} ${value} ${recipients}`).toSorted()).toEqual([
        "day Tuesday 2",
        "day tuesday 1",
        "people 4 1",
      ]);
      const attempts = await world.store.listAttempts(
        organizationId,
        claims.map(({ task }) => task.id),
      );
      const answersOf = (n: number) => attempts.find(({ toNumber }) => toNumber === numberOf(n))?.answers;
      expect(answersOf(1)).toEqual(said.get(numberOf(1)));
      expect(answersOf(4)).toBeUndefined();
    });

    test("keeps what else is known of a call", async () => {
      const world = new DialingWorld({ store: await openStore() });
      await world.addBatch({ recipients: 2 });
      const now = world.clock.now();
      const { claims } = await world.store.claim({ now, isOpen: () => true, limit: 50, ...world.settings });
      const ended = { outcome: "voicemail", startedAt: now, endedAt: now, ringMs: 0, talkMs: 0 } as const;
      const final = { kind: "final", status: "completed", reason: "over" } as const;
      const details = { messageLeft: true } as const;
      const [first, second] = claims;
      if (first) await world.store.complete(first, { ...ended, details }, final, now);
      if (second) await world.store.complete(second, ended, final, now);
      const attempts = await world.store.listAttempts(
        organizationId,
        claims.map(({ task }) => task.id),
      );
      const ofClaim = (claim: typeof first) => attempts.find(({ token }) => token === claim?.attempt.token);
      expect(ofClaim(first)?.details).toEqual(details);
      expect(ofClaim(second)?.details).toBeUndefined();
    });

    test("counts a recipient once, by the last call in which there were any", async () => {
      const world = new DialingWorld({ store: await openStore() });
      const batchId = await world.addBatch({ recipients: 1 });
      for (const [value, outcome] of [
        ["Monday", "answered"],
        ["Tuesday", "answered"],
        [undefined, "no_answer"],
      ] as const) {
        await world.clock.advance({ minutes: 5 });
        const now = world.clock.now();
        const { claims } = await world.store.claim({ now, isOpen: () => true, limit: 50, ...world.settings });
        const answers = value === undefined ? undefined : [{ name: "day", value }];
        const result = { outcome, startedAt: now, endedAt: now, ringMs: 0, talkMs: 0, ...(answers && { answers }) };
        for (const claim of claims)
          await world.store.complete(claim, result, { kind: "retry", reason: "asked", dueAt: now }, now);
        expect(claims).toHaveLength(1);
      }
      expect(await world.store.countAnswers(batchId)).toEqual([{ name: "day", value: "Tuesday", recipients: 1 }]);
    });

    test("keeps what is wanted, through a change of something else, until it is taken away", async () => {
      const world = new DialingWorld({ store: await openStore() });
      const batchId = await world.addBatch({ recipients: 1 });
      const now = world.clock.now();
      const wanted = [{ name: "day", meaning: "Which day?", choices: ["Tuesday"] }];
      const change = (fields: object) =>
        world.store.changeBatch(organizationId, batchId, { status: ["sent"] }, () => fields, now);
      const before = await world.store.getBatch(organizationId, batchId);
      await change({ answersWanted: wanted });
      const asked = await change({ name: "Other" });
      expect(asked).toMatchObject({ name: "Other", answersWanted: wanted });
      expect(asked?.contentDigest).not.toBe(before?.contentDigest);
      const cleared = await change({ answersWanted: undefined });
      expect(cleared).not.toHaveProperty("answersWanted");
      expect(cleared?.contentDigest).toBe(before?.contentDigest);
    });
  });
}
