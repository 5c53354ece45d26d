import type { ApprovalWatcher } from "../approve/index.ts";
import type { StartRow } from "./start-log.ts";

/**
 * A start that was asked for and has not happened yet. `words` are for the caller, `toPerson` for whoever agreed to it: absent where it is about
 * a question, to which they may not have been the one to answer.
 */
export type StartStatus =
  /** A person was asked, or an answer is looked for: the batch may begin by itself. */
  | { readonly kind: "waits"; readonly words: string; readonly toPerson?: string }
  | { readonly kind: "ended"; readonly words: string; readonly toPerson?: string };

/** How a start stands, in words for the caller; undefined when none was asked for or all went well. */
export function describeStartStatus(
  open: StartRow | undefined,
  batchId: string,
  watcher: Pick<ApprovalWatcher, "isWaiting" | "wasMistyped" | "endingOf">,
): StartStatus | undefined {
  if (open?.waits) {
    const words = "A start was agreed to together with other parts, and is about to be sent.";
    return { kind: "waits", words, toPerson: words };
  }
  if (open?.state === "sent") {
    const words = "A start was sent, and the API does not show yet whether it took it. People may be called.";
    return { kind: "waits", words, toPerson: words };
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
      toPerson:
        "The start was sent, and not seen to happen within two minutes. It may still arrive, and people be called.",
    };
  }
  const ending = watcher.endingOf(batchId);
  return ending && { kind: "ended", ...ending };
}
