import { fileURLToPath } from "node:url";
import type { ServerContext } from "@modelcontextprotocol/server";
import { z } from "zod";
import type { Log } from "../lib/log.ts";
import type { ToolContext } from "../tools/tool.ts";

/** How long a call waits for the client to name its roots. */
export const rootsOpenForMs = 3000;
const mostRoots = 50;

const answer = z.looseObject({ roots: z.array(z.looseObject({ uri: z.string() })) });

/**
 * Asks a client of a protocol up to 2025-11-25 which folders it works in, each time anew: they may change while it runs. A
 * client that is silent or answers something else is told of, and holds nothing up; roots that are no folders of this machine
 * are left out.
 */
export function buildClientRoots({ mcpReq }: ServerContext, log: Log): NonNullable<ToolContext["clientRoots"]> {
  return async () => {
    try {
      const options = { timeout: rootsOpenForMs, signal: mcpReq.signal };
      const { roots } = await mcpReq.send({ method: "roots/list" }, answer, options);
      return { paths: roots.slice(0, mostRoots).flatMap(({ uri }) => toPath(uri)) };
    } catch (err) {
      log.info({ err }, "the client did not name its roots");
      return { paths: [], trouble: "The client has roots and did not name them, so none of them was read from." };
    }
  };
}

function toPath(uri: string): readonly string[] {
  try {
    return uri.startsWith("file://") ? [fileURLToPath(uri)] : [];
  } catch {
    // A host that is not this machine, or a slash that is written as a letter.
    return [];
  }
}
