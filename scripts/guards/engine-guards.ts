/** One guard of the engine, how it is taken out of the code, and the tests that must notice. */
export type Guard = {
  readonly name: string;
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
  /** Test files; at least one of their tests must fail without the guard. */
  readonly tests: readonly string[];
};

const sqlite = "src/service/store/sqlite";

export const guards: readonly Guard[] = [
  {
    name: "the claim tests that the batch is not paused",
    file: `${sqlite}/dialing/claim.ts`,
    find: "WHERE status = 'sent' AND is_paused = 0 ORDER BY",
    replace: "WHERE status = 'sent' ORDER BY",
    tests: ["test/service/store/dialing-store.test.ts"],
  },
  {
    name: "the last step before a dial tests that the batch runs and is not paused",
    file: `${sqlite}/dialing/attempt-transitions.ts`,
    find: "AND EXISTS (SELECT 1 FROM batches WHERE id = batch_id AND status = 'sent' AND is_paused = 0)",
    replace: "",
    tests: ["test/service/store/dialing-store.test.ts"],
  },
  {
    name: "quiet hours are tested right before the dial",
    file: "src/service/dialing/attempts.ts",
    find: 'if (isQuiet(batch.rules.quietHours, batch.timezone, clock.now())) return "outside_hours";',
    replace: "void isQuiet; void batch;",
    tests: ["test/service/dialing/dialer-hours.test.ts"],
  },
  {
    name: "quiet hours are tested in the claim",
    file: "src/service/dialing/dialer.ts",
    find: "!isQuiet(batch.rules.quietHours, batch.timezone, now)",
    replace: "batch.id !== String(isQuiet)",
    tests: ["test/service/dialing/dialer-hours.test.ts", "test/service/dialing/dialer-simulation.slow.test.ts"],
  },
  {
    name: "the intent is committed before the dial",
    file: "src/service/dialing/attempts.ts",
    find: "return store.markDialing(claim, clock.now());",
    replace: "void store.markDialing(claim, clock.now());\n    return undefined;",
    tests: [
      "test/service/dialing/dialer-pause-race.test.ts",
      "test/service/dialing/recovery.test.ts",
      "test/service/dialing/dialer.test.ts",
    ],
  },
  {
    name: "an attempt begins once",
    file: `${sqlite}/dialing/attempt-transitions.ts`,
    find: "WHERE token = ? AND state = 'claimed'",
    replace: "WHERE token = ?",
    tests: ["test/service/store/dialing-store.test.ts"],
  },
  {
    name: "an attempt has one outcome",
    file: `${sqlite}/dialing/ending.ts`,
    find: "WHERE token = ? AND state <> 'ended' RETURNING",
    replace: "WHERE token = ? RETURNING",
    tests: ["test/service/store/dialing-store.test.ts"],
  },
  {
    name: "the token of an attempt stays the same when it is claimed again",
    file: `${sqlite}/dialing/ending.ts`,
    find: "attempt_count = attempt_count - 1, ",
    replace: "",
    tests: ["test/service/store/dialing-store.test.ts", "test/service/dialing/recovery.test.ts"],
  },
  {
    name: "a process that starts asks the carrier about open attempts",
    file: "src/service/dialing/dialer.ts",
    find: "await recover({ store, attempts, clock, log });\n      dispatch.start();",
    replace: "dispatch.start();",
    tests: ["test/service/dialing/recovery.test.ts"],
  },
  {
    name: "an attempt of which the carrier cannot tell is not repeated",
    file: "src/service/dialing/decide-retry.ts",
    find: 'if (result === "unknown") return { kind: "final", status: "unknown", reason: unknownReason };',
    replace:
      'if (result === "unknown") return { kind: "retry", dueAt: new Date(attempt.claimedAt), reason: unknownReason };',
    tests: ["test/service/dialing/dialer-errors.test.ts"],
  },
  {
    name: "the do-not-call list is tested right before the dial",
    file: `${sqlite}/dialing/attempt-transitions.ts`,
    find: "SELECT 1 FROM do_not_call d WHERE d.organization_id = attempts.organization_id AND d.phone_number = to_number)",
    replace: "SELECT 1 FROM do_not_call d WHERE 0)",
    tests: ["test/service/store/dialing-store.test.ts", "test/service/dialing/dialer.test.ts"],
  },
  {
    name: "starts within a second are limited for each caller id",
    file: "src/service/store/allocate-slots.ts",
    find: "if (hasPlace && places.ofCallerId(queue.batch) > 0) {",
    replace: "if (hasPlace) {",
    tests: ["test/service/store/allocate-slots.test.ts", "test/service/store/dialing-store.test.ts"],
  },
  {
    name: "calls at a time are limited for each organization",
    file: "src/service/store/allocate-slots.ts",
    find: "places.inOrganization(queue.batch) > 0 && ",
    replace: "",
    tests: ["test/service/store/allocate-slots.test.ts", "test/service/store/dialing-store.test.ts"],
  },
  {
    name: "calls at a time are limited for each batch",
    file: "src/service/store/allocate-slots.ts",
    find: " && places.inBatch(queue.batch) > 0",
    replace: "",
    tests: ["test/service/store/allocate-slots.test.ts", "test/service/dialing/dialer-fairness.test.ts"],
  },
  {
    name: "free places go to the batch with the fewest calls",
    file: "src/service/store/allocate-slots.ts",
    find: "const order = inProgress || ",
    replace: "const order = 0 * inProgress || ",
    tests: ["test/service/store/allocate-slots.test.ts", "test/service/dialing/dialer-fairness.test.ts"],
  },
  {
    name: "a start that was missed by long is held",
    file: "src/service/dialing/missed-start.ts",
    find: "if (lateMs <= toleratedMs) return undefined;",
    replace: "if (lateMs <= Number.POSITIVE_INFINITY * toleratedMs) return undefined;",
    tests: ["test/service/dialing/dialer-hours.test.ts"],
  },
  {
    name: "pause waits for the dials on their way",
    file: "src/service/batches/batch-steps.ts",
    find: 'if (!batch.isPaused) return refuse(parts, organizationId, id, "pause");\n  await parts.dialing.settled(id);',
    replace: 'if (!batch.isPaused) return refuse(parts, organizationId, id, "pause");',
    tests: ["test/service/rest/app-pause.test.ts"],
  },
  {
    name: "one idempotency key creates one batch",
    file: "src/service/store/shared/batches.ts",
    find: "if (replay) return replay;",
    replace: "void replay;",
    tests: ["test/service/store/store.test.ts", "test/service/rest/app-idempotency.test.ts"],
  },
  {
    name: "a number is called by one call at a time, over all batches of an organization",
    file: "src/domain/other-calls.ts",
    find: "isOpen ? now.getTime() + leastDistanceMs : 0,",
    replace: "isOpen ? 0 : 0,",
    tests: ["test/service/store/dialing-store.test.ts", "test/service/dialing/dialer.test.ts"],
  },
  {
    name: "from the end of a call to a number to the next one passes at least a minute",
    file: "src/domain/other-calls.ts",
    find: "lastEndedAt ? lastEndedAt.getTime() + leastDistanceMs : 0,",
    replace: "0,",
    tests: ["test/service/store/dialing-store.test.ts"],
  },
  {
    name: "another batch keeps the hours to a call that reached somebody",
    file: "src/domain/other-calls.ts",
    find: "lastReachedAt ? lastReachedAt.getTime() + minHoursBetweenBatches * hourMs : 0,",
    replace: "0,",
    tests: ["test/service/store/dialing-store.test.ts", "test/service/dialing/other-calls.test.ts"],
  },
  {
    name: "a carrier whose clock is behind brings no retry forward",
    file: "src/service/dialing/record-outcome.ts",
    find: "return a > b ? a : b;",
    replace: "return a > b ? a : a;",
    tests: ["test/service/carriers/carrier-http-reports.test.ts"],
  },
  {
    name: "a last check that is too old is made again, also where one process dials",
    file: "src/service/dialing/attempts.ts",
    find: "if (ageOfCheck() > dispatchDeadlineMs(store.leases))",
    replace: "if (store.leases && ageOfCheck() > dispatchDeadlineMs(store.leases))",
    tests: ["test/service/dialing/dialer.test.ts"],
  },
  {
    name: "a batch whose end was lost is ended",
    file: "src/service/dialing/recovery.ts",
    find: "await parts.store.completeFinished(parts.clock.now());",
    replace: "await Promise.resolve([]);",
    tests: ["test/service/store/dialing-store.test.ts"],
  },
  {
    name: "what a bridge reports fits every database",
    file: "src/contract/bridge.ts",
    find: "return Math.min(Math.round(durationMs ?? 0), longestCallMs);",
    replace: "return Math.round(durationMs ?? 0);",
    tests: ["test/service/carriers/carrier-http-reports.test.ts"],
  },
  {
    name: "an edit is made of the batch as it is under the lock",
    file: "src/service/batches/batch-edits.ts",
    find: "(current) => toChange(current, patch, clock.now()),",
    replace: "() => toChange(before, patch, clock.now()),",
    tests: ["test/service/batches/batch-edits.test.ts"],
  },
  {
    name: "a number that may never be called does not wait for ever",
    file: "src/runtime/operator-dial-guard.ts",
    find: 'return nextCallingTime(hours, zones, at) ?? "never";',
    replace: "return nextCallingTime(hours, zones, at) ?? new Date(at.getTime() + 86_400_000);",
    tests: ["test/service/dialing/dial-guard.test.ts"],
  },
  {
    name: "the signature of a notice is compared",
    file: "src/service/carriers/http/bridge-signature.ts",
    find: "timingSafeEqual(given, expected);",
    replace: "timingSafeEqual(given, given);",
    tests: ["test/service/carriers/carrier-http-reports.test.ts"],
  },
  {
    name: "the signature of a notice grows old",
    file: "src/service/carriers/http/bridge-signature.ts",
    find: "Math.abs(toUnixSeconds(now) - Number(timestamp)) <= toleranceSeconds;",
    replace: "toUnixSeconds(now) > -toleranceSeconds;",
    tests: ["test/service/carriers/carrier-http-reports.test.ts"],
  },
  {
    name: "a check of a bridge dials only where the bridge answered a look-up",
    file: "src/commands/bridge-check/check-bridge.ts",
    find: 'if (unknown.verdict === "fail")',
    replace: "if (parts.mustReport === undefined)",
    tests: ["test/commands/bridge-check/check-bridge.test.ts"],
  },
  {
    name: "a check of a bridge sends no more dials than it announced",
    file: "src/commands/bridge-check/probe.ts",
    find: "if (dials > mostDials) throw",
    replace: "if (dials > 2 * mostDials) throw",
    tests: ["test/commands/bridge-check/check-bridge.test.ts"],
  },
];
