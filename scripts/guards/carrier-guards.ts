import type { Guard } from "./engine-guards.ts";

const queued = "test/service/dialing/dialer-queued.test.ts";
const hosted = "test/service/carriers/carrier-hosted.test.ts";
const hostedRoom = "src/service/carriers/hosted";
const notNow = "test/service/dialing/dialer-not-now.test.ts";

/** What stands between the engine and whoever places its calls. */
export const carrierGuards: readonly Guard[] = [
  {
    name: "a carrier that has no room is let rest for as long as it asks",
    file: "src/service/dialing/circuit-breaker.ts",
    find: "const waitMs = Math.min(retryAfterMs ?? backOffMs(timesFull), longestRestMs);",
    replace: "const waitMs = Math.min(backOffMs(timesFull), longestRestMs + (retryAfterMs ?? 0));",
    tests: [notNow],
  },
  {
    name: "a batch that the carrier does not take is held",
    file: "src/service/dialing/attempts.ts",
    find: "const held = await store.hold(claim.batch, () => answer.reason, clock.now());",
    replace: "const held = answer.reason;",
    tests: [notNow],
  },
  {
    name: "a bare 429 is no word of the bridge",
    file: "src/service/carriers/http/bridge-answers.ts",
    find: "if (noRoom.includes(status) && notNow.ok) return toNotNow(notNow.value);",
    replace: 'if (noRoom.includes(status)) return notNow.ok ? toNotNow(notNow.value) : { kind: "not_now", why: "" };',
    tests: ["test/service/carriers/carrier-http.test.ts"],
  },
  {
    name: "a pause takes back what waits in a carrier's queue",
    file: "src/service/dialing/attempts.ts",
    find: "if (!carrier.takeBack) return;",
    replace: "if (carrier) return;",
    tests: [queued],
  },
  {
    name: "nobody is handed over whose phone could ring in the batch's quiet hours",
    file: "src/service/dialing/open-hours.ts",
    find: "!isQuietAt(batch, at) && !isQuietAt(batch, latestRing(at))",
    replace: "!isQuietAt(batch, at)",
    tests: [queued],
  },
  {
    name: "nor in the quiet hours on the recipient's clock",
    file: "src/service/dialing/attempts.ts",
    find: "const latest = new Date(now.getTime() + (carrier.ringsWithinMs ?? 0));",
    replace: "const latest = now;",
    tests: [queued],
  },
  {
    name: "the check right before a later handing over tests the batch and the do-not-call list",
    file: "src/service/store/sqlite/dialing/attempt-transitions.ts",
    find: "stillMay.get(token, now.getTime()) !== undefined",
    replace: "stillMay.get(token, now.getTime()) !== null",
    tests: [queued],
  },
  {
    name: "a token that is with a provider is not sent again",
    file: "src/service/store/shared/sends.ts",
    find: "AND state = 'not_now')",
    replace: "AND state <> '')",
    tests: ["test/service/store/dialing-store.test.ts"],
  },
  {
    name: "who moves a send first decides",
    file: "src/service/store/shared/sends.ts",
    find: "leftNow, from];",
    replace: "leftNow, [...sendStates, ...from]];",
    tests: ["test/service/store/dialing-store.test.ts"],
  },
  {
    name: "a store has one carrier",
    file: "src/service/store/shared/sends.ts",
    find: 'if (row) return text(row, "name") === provider ? undefined : text(row, "name");',
    replace: "if (row) return undefined;",
    tests: ["test/service/store/dialing-store.test.ts"],
  },
  {
    name: "a wave is read back before it is executed",
    file: `${hostedRoom}/send-wave.ts`,
    find: "if (different.length === 0) return undefined;",
    replace: "if (different.length >= 0) return undefined;",
    tests: [hosted],
  },
  {
    name: "a wave that the API set going by itself counts as sent",
    file: `${hostedRoom}/send-wave.ts`,
    find: 'if (batch.status !== "draft") {',
    replace: 'if (batch.status === "failed") {',
    tests: [hosted],
  },
  {
    name: "the last check is made again right before a wave is executed",
    file: `${hostedRoom}/send-wave.ts`,
    find: "members.map(({ held }) => held.check())",
    replace: "members.map(async () => ({ isFresh: () => true }))",
    tests: [hosted],
  },
  {
    name: "that a wave is about to be executed is on disk before it is",
    file: `${hostedRoom}/send-wave.ts`,
    find: '{ from: ["prepared"], to: "sending", sentAt, settlesAt }',
    replace: '{ from: ["prepared"], to: "prepared", sentAt, settlesAt }',
    tests: [hosted],
  },
  {
    name: "a start whose answer was lost is in doubt",
    file: `${hostedRoom}/answers.ts`,
    find: 'error.code === "rate_limited" || error.code === "unavailable"',
    replace: 'error.code === "rate_limited" || error.code === "outcome_unknown" || error.code === "unavailable"',
    tests: [hosted],
  },
  {
    name: "a draft that does not start in time tells nothing of the phones",
    file: `${hostedRoom}/look-up.ts`,
    find: "return settled(send) ? stillDraft(providerId) : ongoing;",
    replace: 'return settled(send) ? { state: "not_placed" } : ongoing;',
    tests: [hosted],
  },
  {
    name: "it is deleted, so that it cannot ring later",
    file: `${hostedRoom}/look-up.ts`,
    find: "await api.deleteBatch(batchId).catch(() => {});",
    replace: "void batchId;",
    tests: [hosted],
  },
  {
    name: "drafts of waves that were given up are deleted",
    file: `${hostedRoom}/leftovers.ts`,
    find: "const left = await sends.left();",
    replace: "const left = (await sends.left()).slice(0, 0);",
    tests: [hosted],
  },
  {
    name: "an API that starts drafts by itself is sent nothing more",
    file: `${hostedRoom}/hosted-carrier.ts`,
    find: "if (distrust) return distrust;",
    replace: "void distrust;",
    tests: [hosted],
  },
];
