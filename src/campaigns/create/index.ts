export { toParsed, withinCallingHours } from "./apply-calling-hours.ts";
export { Drafts } from "./create-draft.ts";
export { type ContentFacts, type CreationLog, createCreationLog } from "./creation-log.ts";
export { toSentPeople } from "./fallback-numbers.ts";
export { OrphanCleanUp } from "./orphaned-drafts.ts";
export { verifyCreatedDraft } from "./verify-created-draft.ts";
