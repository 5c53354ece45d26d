import type { Guard } from "./engine-guards.ts";

const slots = "src/service/store/allocate-slots.ts";
const store = "test/service/store/dialing-store.test.ts";
const rest = "test/service/rest/app-steering.test.ts";

/** Canary, budget and what follows from them. */
export const steeringGuards: readonly Guard[] = [
  {
    name: "a claim lets nobody through whom the canary holds back",
    file: slots,
    find: "queue.first(newPeople > 0)",
    replace: "queue.first(newPeople > 0 || true)",
    tests: [store],
  },
  {
    name: "people of one claim count for the canary at once",
    file: slots,
    find: "newPeople: newPeople - (isRetry ? 0 : 1)",
    replace: "newPeople: newPeople - (isRetry ? 0 : 0)",
    tests: [store],
  },
  {
    name: "a claim makes no more calls than the budget has left",
    file: slots,
    find: "return calls > 0 ?",
    replace: "return calls > 0 || true ?",
    tests: [store],
  },
  {
    name: "calls of one claim count for the budget at once",
    file: slots,
    find: "calls: calls - 1 }",
    replace: "calls }",
    tests: [store],
  },
  {
    name: "a canary is judged when all of its first calls have ended, and not before",
    file: "src/domain/batch/steering.ts",
    find: "openFirst > 0 ||",
    replace: "(openFirst > 0 && false) ||",
    tests: [store],
  },
  {
    name: "a canary that holds its batch ends what people agreed to",
    file: "src/service/store/shared/batches.ts",
    find: 'heldReason: why, grant: { kind: "end", why } } as const;',
    replace: "heldReason: why } as const;",
    tests: [store, rest],
  },
  {
    name: "starts a second of a batch's own pace are counted",
    file: slots,
    find: "own === undefined ? [shared]",
    replace: "own !== undefined ? [shared]",
    tests: [store],
  },
];
