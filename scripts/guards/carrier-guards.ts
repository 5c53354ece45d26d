import type { Guard } from "./engine-guards.ts";

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
    find: "noRoom.includes(status) && notNow.ok",
    replace: "noRoom.includes(status) || notNow.ok",
    tests: ["test/service/carriers/carrier-http.test.ts"],
  },
];
