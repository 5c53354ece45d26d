/** What is known of a batch where its state is put in a word. */
export type StateFacts = {
  readonly status: string;
  readonly is_paused: boolean;
  readonly held_reason?: string | undefined;
  readonly counts?: { readonly calling: number } | undefined;
};

export type ShownState = { readonly word: string; readonly tone: "run" | "wait" | "stop" | "done" | "bad" };

/** How a batch stands, in a word or two for people. `isAsked`: somebody is asked to agree to its start. */
export function stateOf({ status, is_paused, held_reason, counts }: StateFacts, isAsked = false): ShownState {
  const calling = counts?.calling ?? 0;
  if (status === "cancelled") return { word: calling > 0 ? "Ending" : "Cancelled", tone: "stop" };
  if (status === "failed") return { word: "Failed", tone: "bad" };
  if (status === "completed") return { word: "Finished", tone: "done" };
  if (is_paused) return { word: "Paused", tone: "wait" };
  if (held_reason !== undefined) return { word: "Held", tone: "wait" };
  if (isAsked) return { word: "Waits for approval", tone: "wait" };
  if (status === "sent") return { word: "Running", tone: "run" };
  return { word: `${status.charAt(0).toUpperCase()}${status.slice(1).replaceAll("_", " ")}`, tone: "stop" };
}
