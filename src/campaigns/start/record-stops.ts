import { mayHaveSucceeded } from "../../client/ambiguous-outcome.ts";
import type { Batch } from "../../domain/batch/batch.ts";
import { isGroupId } from "../../domain/batch/group.ts";
import { Problem } from "../../domain/problem.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Audit } from "../records/index.ts";
import type { Edits } from "./edits.ts";
import { type Asker, toDoer } from "./start-checks.ts";

type RecordParts = { readonly audit: Audit; readonly clock: Clock };

const kinds = { pause: "paused", cancel: "cancelled" } as const;

/** Pause and cancel, of a batch or of linked ones, with a line in the record for each: who, on which page, and what came of it. */
export function recordStops(
  parts: RecordParts,
  { pause, cancel }: Pick<Edits, "pause" | "cancel">,
): Pick<Edits, "pause" | "cancel"> {
  return {
    pause: (batchId, by) => recorded(parts, "pause", batchId, by, () => pause(batchId, by)),
    cancel: (batchId, by) => recorded(parts, "cancel", batchId, by, () => cancel(batchId, by)),
  };
}

async function recorded(
  { audit, clock }: RecordParts,
  verb: keyof typeof kinds,
  batchId: string,
  by: Asker,
  stop: () => Promise<Batch>,
): Promise<Batch> {
  const note = (kind: "paused" | "cancelled" | "refused", detail?: string): void =>
    audit.append({ at: clock.now(), kind, ...toDoer(by), batchId, ...(detail !== undefined && { detail }) });
  try {
    const batch = await stop();
    note(kinds[verb]);
    return batch;
  } catch (error) {
    const code = error instanceof Problem ? error.code : "failed";
    if (code === "wrong_state" || code === "not_found") throw error;
    if (isGroupId(batchId)) note(kinds[verb], `not all parts: ${code}`);
    else if (mayHaveSucceeded(error)) note(kinds[verb], `${code}: the API has not confirmed it`);
    else note("refused", `${verb}: ${code}`);
    throw error;
  }
}
