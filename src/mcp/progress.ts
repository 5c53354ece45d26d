import type { ServerContext } from "@modelcontextprotocol/server";
import type { Log } from "../lib/log.ts";
import type { ToolContext } from "../tools/tool.ts";

/**
 * What tells a client how far its call is: nothing unless it sent a progress token with the call. A client that is gone
 * hears nothing, and the call goes on.
 */
export function toProgress({ mcpReq }: ServerContext, log: Log): Pick<ToolContext, "progress"> {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return {};
  return {
    progress: (progress, message) => {
      const params = { progressToken, progress, message };
      mcpReq
        .notify({ method: "notifications/progress", params })
        .catch((err: unknown) => log.info({ err }, "progress could not be reported"));
    },
  };
}
