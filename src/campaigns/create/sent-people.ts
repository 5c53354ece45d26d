import type { BatchCallApi } from "../../client/api.ts";
import type { Recipient } from "../../domain/batch/plan.ts";

/** Extensions of a task, which an API that is not ours refuses or, worse, ignores, and the names that callers know them by. */
const extensions = { fallbackNumber: "fallback_number", timezone: "timezone", notBefore: "not_before" } as const;
type Extension = keyof typeof extensions;

/** The people as they are sent, and the fields of them that the API does not take: it calls one number a person, whatever their clock. */
export async function toSentPeople(
  api: Pick<BatchCallApi, "hasBrake">,
  recipients: readonly Recipient[],
): Promise<{ readonly recipients: readonly Recipient[]; readonly leftOut: readonly string[] }> {
  const used = Object.entries(extensions).filter(([field]) =>
    recipients.some((recipient) => recipient[field as Extension] !== undefined),
  );
  if (used.length === 0 || (await api.hasBrake())) return { recipients, leftOut: [] };
  return {
    recipients: recipients.map(({ fallbackNumber: _f, timezone: _t, notBefore: _n, ...own }) => own),
    leftOut: used.map(([, name]) => name),
  };
}
