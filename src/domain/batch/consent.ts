import type { Issue } from "../problem.ts";

/** Why people are called, and what entitles somebody to call them: in the words of whoever makes the batch. */
export type Consent = { readonly purpose?: string; readonly basis?: string };

/** In characters, each. */
export const longestConsentText = 500;

/** The setting with which an operator requires both. */
export const consentSetting = "BATCH_CALL_REQUIRE_CONSENT";

/** The arguments that a batch lacks where an operator requires both, with what to do. */
export function missingConsent({ purpose, basis }: Consent = {}): readonly Issue[] {
  return [
    purpose === undefined && missing("purpose", 'why these people are called, such as "appointment reminders"'),
    basis === undefined &&
      missing("consent_basis", 'what entitles you to call them, such as "agreed on the booking form, May 2026"'),
  ].filter((issue) => issue !== false);
}

function missing(field: string, what: string): Issue {
  const message = `Required here: ${what}. Ask the user; do not make it up. The operator requires it with ${consentSetting}.`;
  return { field, code: "consent_required", message };
}
