import type { ApprovalWatcher } from "../approve/index.ts";
import type { StartRow } from "./start-log.ts";

/** A start that was asked for and has not happened yet. */
export type StartStatus =
  /** A person was asked, or an answer is looked for: the batch may begin by itself. */
  { readonly kind: "waits"; readonly words: string } | { readonly kind: "ended"; readonly words: string };

/** How a start stands, in words for the caller; undefined when none was asked for or all went well. */
export function describeStartStatus(
  open: StartRow | undefined,
  batchId: string,
  watcher: Pick<ApprovalWatcher, "isWaiting" | "wasMistyped" | "endingOf">,
): StartStatus | undefined {
  if (open?.waits) {
    return { kind: "waits", words: "A start was agreed to together with other parts, and is about to be sent." };
  }
  if (open?.state === "sent") {
    return {
      kind: "waits",
      words: "A start was sent, and the API does not show yet whether it took it. People may be called.",
    };
  }
  if (watcher.wasMistyped(batchId)) {
    return {
      kind: "ended",
      words:
        "A person typed another number than the number of recipients, and nothing was started. Unless a form is open again, nobody is asked any more: call start_batch, or resume_batch, to ask once more.",
    };
  }
  if (watcher.isWaiting(batchId)) {
    return {
      kind: "waits",
      words: "A person was asked to agree to the start. The batch starts by itself once they do.",
    };
  }
  if (open?.state === "unknown") {
    return {
      kind: "ended",
      words:
        "A start was sent and not seen to happen within two minutes. It may still arrive. Ask the user before it is started again.",
    };
  }
  const words = watcher.endingOf(batchId);
  return words === undefined ? undefined : { kind: "ended", words };
}
