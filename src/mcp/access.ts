import { INVALID_REQUEST } from "@modelcontextprotocol/server";
import { type Access, lackOf, type Scope } from "../domain/access.ts";
import { Problem } from "../domain/problem.ts";
import { commandText } from "../lib/command-text.ts";
import type { Tool, ToolContext } from "../tools/tool.ts";
import { type FrameError, frameError } from "./frames.ts";
import { listeningId } from "./listening.ts";

/** What a caller must be allowed, for a tool: `read` for those that change nothing, `operate` for all others. */
export function scopeOf({ effect }: Pick<Tool, "effect">): Scope {
  return effect === "reads" ? "read" : "operate";
}

/** Throws `unauthorized` for a token that lacks it. */
export function requireScope(access: Access, scope: Scope): void {
  const lack = lackOf(access, scope);
  if (lack !== undefined) throw new Problem("unauthorized", `${lack} Nothing was done.`);
}

/**
 * Holds every call of a tool, from whichever door: throws `unauthorized` where its caller may not make it. Where nobody needs a token, only
 * what calls nobody is done: reading, and everything where calls are simulated.
 */
export async function requireAccess(tool: Pick<Tool, "effect">, { access, api }: ToolContext): Promise<void> {
  const scope = scopeOf(tool);
  requireScope(access, scope);
  if (access.kind !== "open" || scope === "read") return;
  if ((await api.environment()) === "simulated") return;
  throw new Problem("unauthorized", withoutToken());
}

/** The error for a subscription of whom may not read; undefined for every other message. Tools and resources say it themselves. */
export function refuseUnread(message: unknown, access: Access): FrameError | undefined {
  const id = listeningId(message);
  const lack = id === undefined ? undefined : lackOf(access, "read");
  return id === undefined || lack === undefined ? undefined : frameError(id, INVALID_REQUEST, `unauthorized: ${lack}`);
}

function withoutToken(): string {
  return `Calls are real here, and this server asks nobody for a token, so that it only reads. Nothing was done. The operator runs \`${commandText("token add NAME --scopes read,operate,approve")}\` (or sets BATCH_CALL_HTTP_TOKEN and starts the server again); the client then sends Authorization: Bearer and that token.`;
}
