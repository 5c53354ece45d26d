import type { ToolAnnotations } from "@modelcontextprotocol/server";
import type { Effect, Tool } from "../tools/tool.ts";

// `openWorldHint` is true where strangers are reached (a phone rings) or where their words come back (names, transcripts).
const hints: Readonly<Record<Effect, ToolAnnotations>> = {
  reads: { readOnlyHint: true, openWorldHint: true },
  writes: { readOnlyHint: false, destructiveHint: false, openWorldHint: false },
  writes_file: { readOnlyHint: false, destructiveHint: false, openWorldHint: false },
  // A call cannot be taken back, so whatever may place one counts as destructive.
  may_dial: { readOnlyHint: false, destructiveHint: true, openWorldHint: true },
  dials: { readOnlyHint: false, destructiveHint: true, openWorldHint: true },
  destroys: { readOnlyHint: false, destructiveHint: true, openWorldHint: false },
};

/** What a client may believe about a tool before it asks the user; made from the effect alone, so the two cannot differ. */
export function toAnnotations({ effect, idempotent }: Pick<Tool, "effect" | "idempotent">): ToolAnnotations {
  // The protocol gives `idempotentHint` a meaning only where something is changed.
  return { ...hints[effect], ...(idempotent && effect !== "reads" && { idempotentHint: true }) };
}
