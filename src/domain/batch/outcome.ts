export const outcomes = ["answered", "no_answer", "busy", "voicemail", "failed"] as const;
/** How one attempt ended. `failed` = the carrier could not place it. */
export type Outcome = (typeof outcomes)[number];

/** Recipients by the outcome of their last attempt; those without an attempt are not in it. */
export type OutcomeCounts = { readonly [O in Outcome]: number };
