import type { BatchCallApi } from "../../client/api.ts";
import type { Recipient } from "../../domain/batch/plan.ts";

/** The field as a task carries it: an extension, which an API that is not ours refuses or, worse, ignores. */
const fallbackField = "fallback_number";

/** The people as they are sent, and the fields of them that the API does not take: it calls one number a person. */
export async function toSentPeople(
  api: Pick<BatchCallApi, "hasBrake">,
  recipients: readonly Recipient[],
): Promise<{ readonly recipients: readonly Recipient[]; readonly leftOut: readonly string[] }> {
  const hasFallbacks = recipients.some(({ fallbackNumber }) => fallbackNumber !== undefined);
  if (!hasFallbacks || (await api.hasBrake())) return { recipients, leftOut: [] };
  return { recipients: recipients.map(({ fallbackNumber: _, ...own }) => own), leftOut: [fallbackField] };
}
