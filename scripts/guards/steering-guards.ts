import type { Guard } from "./engine-guards.ts";

const slots = "src/service/store/allocate-slots.ts";
const store = "test/service/store/dialing-store.test.ts";
const rest = "test/service/rest/app-steering.test.ts";
const campaign = "src/service/store/shared/campaign-steering.ts";
const groups = "test/tools/steering-group.test.ts";

/** Canary, budget and what follows from them. */
export const steeringGuards: readonly Guard[] = [
  {
    name: "an end before which nobody may be called is no start that a person is asked about",
    file: "src/tools/start-batch.ts",
    find: "if (ending.length > 0) throw",
    replace: "if (ending.length > 1) throw",
    tests: ["test/tools/end-leaves-nobody.test.ts"],
  },
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
    find: "newPeople: newPeople + (isRetry ? 0 : 1)",
    replace: "newPeople: newPeople + (isRetry ? 0 : 0)",
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
    find: "calls: calls + 1,",
    replace: "calls,",
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
    name: "a canary that held goes on when a person agrees, whatever the operator chose",
    file: "src/campaigns/start/start-checks.ts",
    find: "!asksAPerson(policy) && batches.some(",
    replace: "false && batches.some(",
    tests: ["test/tools/steering.test.ts"],
  },
  {
    name: "by the client's own prompt nobody agrees to a resume, which takes no fingerprint",
    file: "src/campaigns/start/start-checks.ts",
    find: 'policy.approval === "host" && action.kind === "resume"',
    replace: 'policy.approval === "host" && action.kind !== action.kind',
    tests: ["test/tools/steering.test.ts"],
  },
  {
    name: "nobody is asked about calls that stop_when forbids",
    file: "src/campaigns/start/start-checks.ts",
    find: "if (why === undefined) return;",
    replace: "if (why === undefined || why) return;",
    tests: ["test/tools/steering.test.ts"],
  },
  {
    name: "a canary that holds its batch ends what people agreed to",
    file: campaign,
    find: 'grant: { kind: "end", why },',
    replace: "",
    tests: [store, rest],
  },
  {
    name: "starts a second of a batch's own pace are counted",
    file: slots,
    find: "if (most === undefined) return { starts: [], most: Number.POSITIVE_INFINITY };",
    replace: "if (most === undefined || most > 0) return { starts: [], most: Number.POSITIVE_INFINITY };",
    tests: [store],
  },
  {
    name: "canary, budget and pace are counted over all batches of a campaign",
    file: "src/service/store/shared/campaign.ts",
    find: "one.campaign_id AND other.id",
    replace: "one.campaign_id AND 1 = 0 AND other.id",
    tests: [store],
  },
  {
    name: "what one claim takes of a campaign counts for all of its batches at once",
    file: slots,
    find: "campaignKey(batch)}",
    replace: "batch.id}",
    tests: [store],
  },
  {
    name: "a canary holds what of its campaign is yet to begin",
    file: campaign,
    find: 'const isOpen = status === "scheduled" || status === "sent";',
    replace: 'const isOpen = status === "sent";',
    tests: [store],
  },
  {
    name: "a start of a draft that is on its way when the canary of its campaign holds is refused",
    file: campaign,
    find: "isOpen ? held : { isPaused };",
    replace: "isOpen ? held : {};",
    tests: [store],
  },
  {
    name: "what was agreed to of one batch is not counted over a campaign unasked",
    file: "src/service/batches/batch-edits.ts",
    find: "refuseOtherCampaign(before, campaignId, rules);",
    replace: "",
    tests: [rest],
  },
  {
    name: "parts of a group that has a canary or an end are one campaign from the first on",
    file: "src/campaigns/group/create-group.ts",
    find: "isSteered(plan.rules) ?",
    replace: "isSteered(plan.rules) && plan.name === '' ?",
    tests: [groups],
  },
];
