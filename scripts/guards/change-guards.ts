import type { Guard } from "./engine-guards.ts";

const lists = "test/service/rest/app-change-list.test.ts";
const store = "test/service/store/dialing-store.test.ts";
const tool = "test/tools/update-batch.test.ts";

/** What keeps a batch whose list or rules are changed from ringing somebody whom nobody agreed to. */
export const changeGuards: readonly Guard[] = [
  {
    name: "a changed batch: one that runs is held until a person agrees to it as it is",
    file: "src/service/batches/agree-anew.ts",
    find: "return heldForChange(batch, isOwn, parts.clock.now());",
    replace: "return { grant: openGrant(parts, undefined) ?? heldForChange(batch, isOwn, parts.clock.now()) };",
    tests: [lists],
  },
  {
    name: "a changed batch: a change that agrees to nothing is no agreement of the account's own system",
    file: "src/service/batches/agree-anew.ts",
    find: "const isOwn = !hold && (",
    replace: "const isOwn = hold !== undefined && (",
    tests: [lists],
  },
  {
    name: "a changed batch: what the MCP server changes of a live one agrees to nothing",
    file: "src/campaigns/start/change-content.ts",
    find: 'const hold = before.environment === "live";',
    replace: 'const hold = before.environment !== "live";',
    tests: [tool],
  },
  {
    name: "a changed batch: an agreement goes on only for fewer of those that it was to",
    file: "src/service/store/shared/grants.ts",
    find: "WHERE id = $1 AND content_digest = $4 AND",
    replace: "WHERE id = $1 AND $4 IS NOT NULL AND",
    tests: [store],
  },
  {
    name: "a changed batch: what is dialed was claimed under the agreement that the batch has",
    file: "src/service/store/sqlite/dialing/attempt-transitions.ts",
    find: "batches.grant_id = attempts.grant_id AND",
    replace: "TRUE AND",
    tests: [store],
  },
  {
    name: "a changed batch: what follows a call is decided by the rules as they are then",
    file: "src/service/dialing/record-outcome.ts",
    find: "decideRetry({ ...claim, batch }, result, hasFallback && !isLate, whyUnknown)",
    replace: "decideRetry(claim, result, hasFallback && !isLate, whyUnknown)",
    tests: [lists],
  },
  {
    name: "a changed batch: who has no attempt left by new rules waits no more",
    file: "src/service/store/shared/batches.ts",
    find: "if (listed) yield* tasks.endUsedUp(batch.id, rules);",
    replace: "",
    tests: [store],
  },
  {
    name: "a changed batch: a retry that is taken back is not made when the rules have no more of them",
    file: "src/service/store/sqlite/dialing/ending.ts",
    find: "if (hasOtherRules(batch, current)) runNow",
    replace: "if (hasOtherRules(batch, batch)) runNow",
    tests: [store],
  },
  {
    name: "a changed batch: those who were taken out are not in what is agreed to",
    file: "src/service/store/shared/tasks.ts",
    find: ".map(toTask).filter(isOnList);",
    replace: ".map(toTask);",
    tests: [lists],
  },
  {
    name: "a changed batch: who is taken out during their call is not called again",
    file: "src/service/store/leaving.ts",
    find: "if (!isLeaving(reason)) return next;",
    replace: "return next;",
    tests: [store],
  },
  {
    name: "a changed batch: whose call has an end that nobody knows, and who is taken out, is not called again by a resume",
    file: "src/service/store/shared/tasks.ts",
    find: `AND status = 'unknown' AND coalesce(reason, '') NOT LIKE '\${leavingReason}%'`,
    replace: "AND status = 'unknown'",
    tests: [store],
  },
  {
    name: "a changed batch: who is taken out is not dialed when their call was only claimed",
    file: "src/service/store/sqlite/dialing/attempt-transitions.ts",
    find: ` AND NOT \${isTakenOut}`,
    replace: "",
    tests: [store],
  },
  {
    name: "a changed batch: a claimed call of who is taken out is one of an older batch",
    file: "src/service/store/shared/batches.ts",
    find: "if (!isOther && leaving === 0) return",
    replace: "if (!isOther) return",
    tests: [store],
  },
  {
    name: "a changed batch: a retry calls nobody who was taken out",
    file: "src/tools/calls/standings.ts",
    find: 'isGone(task) ? "taken_out" :',
    replace: "",
    tests: ["test/tools/from-batch.test.ts"],
  },
  {
    name: "a changed batch: the content that it was made of makes another one",
    file: "src/campaigns/create/creation-log.ts",
    find: "return asked.allowDuplicate || known.isChanged",
    replace: "return asked.allowDuplicate",
    tests: [tool],
  },
  {
    name: "a changed batch: the operator's calling hours stay in its rules",
    file: "src/campaigns/start/plan-rules.ts",
    find: 'if (environment !== "live" || !needsWindow) return rules;',
    replace: 'if (environment !== "live" || !needsWindow || clock) return rules;',
    tests: [tool],
  },
  {
    name: "a changed batch: an open question about it is void",
    file: "src/campaigns/start/edits.ts",
    find: `      voidApproval(batchId, "The batch was edited.", by);
      const changed`,
    replace: "      const changed",
    tests: [tool],
  },
];
