export { brokenLimits, calledNearCode } from "./check-limits.ts";
export { buildDoNotCallList, type DoNotCallList } from "./do-not-call.ts";
