export { goesByRecipientClocks, toParsed, withinCallingHours } from "./apply-calling-hours.ts";
export { Drafts } from "./create-draft.ts";
export { type ContentFacts, type CreationLog, createCreationLog } from "./creation-log.ts";
export { OrphanCleanUp } from "./orphaned-drafts.ts";
export { toSentPeople } from "./sent-people.ts";
export { verifyCreatedDraft } from "./verify-created-draft.ts";
