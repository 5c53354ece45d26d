export { brokenLimits, calledNearCode } from "./check-limits.ts";
export { buildDoNotCallList, type DoNotCallList, isOnOwnList } from "./do-not-call.ts";
