import type { Guard } from "./engine-guards.ts";

const suite = "test/service/store/dialing-store.test.ts";
const told = "test/service/webhooks/webhooks.test.ts";

/** What keeps the operator's systems from being told too little, the same in another order, or by somebody else. */
export const eventGuards: readonly Guard[] = [
  {
    name: "the end of a call is told in its own transaction",
    file: "src/service/store/sqlite/dialing/ending.ts",
    find: "runNow(tellAll(() => [callEnded(claim, result, decided, now)], now));\n      completeIfDone",
    replace: "void [tellAll, callEnded];\n      completeIfDone",
    tests: [suite],
  },
  {
    name: "an opt-out is told",
    file: "src/service/store/shared/opt-out.ts",
    find: 'yield* tell({ type: "recipient.opted_out", data }, now);',
    replace: "void [tell, data];",
    tests: [suite],
  },
  {
    name: "whoever lost the line of a batch decides nothing of it",
    file: "src/service/store/shared/outbox.ts",
    find: "endpoint_id = $1 AND batch_id = $2 AND claim = $3`",
    replace: "endpoint_id = $1 AND batch_id = $2 AND claim <> $3 || '.'`",
    tests: [suite],
  },
  {
    name: "an event that failed holds up those behind it",
    file: "src/service/webhooks/teller.ts",
    find: "return { delivered, failed: await putOff(stream, message, failures, answer) };",
    replace: "void (await putOff(stream, message, failures, answer));",
    tests: [told],
  },
  {
    name: "an event that is sent again is tried for three days more",
    file: "src/service/webhooks/teller.ts",
    find: "failedAt - message.triedSince.getTime()",
    replace: "failedAt - message.recordedAt.getTime()",
    tests: [told],
  },
  {
    name: "what is in line again is not put there twice",
    file: "src/service/store/shared/parked-events.ts",
    find: "settled_at = NULL, is_parked = 0,",
    replace: "settled_at = NULL,",
    tests: [suite],
  },
  {
    name: "a redirect is not a success",
    file: "src/service/webhooks/post.ts",
    find: "statusCode >= 200 && statusCode < 300",
    replace: "statusCode >= 200 && statusCode < 400",
    tests: [told],
  },
  {
    name: "a URL that never answers is left after its time",
    file: "src/service/webhooks/post.ts",
    find: "const answerDeadlineMs = 15_000;",
    replace: "const answerDeadlineMs = 15_000_000;",
    tests: [told],
  },
  {
    name: "what is told is signed with its time and its body",
    file: "src/service/webhooks/sign.ts",
    find: "{body}`).digest",
    replace: "{body.slice(0, 0)}`).digest",
    tests: [told],
  },
];
