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
  let [before, last, told] = [0, -1, 0];
  return {
    progress: (done, message, total) => {
      // What is told must grow; each part of the work counts from its own beginning.
      if (done <= last) before = done === 0 ? told + 1 : told;
      last = done;
      told = before + done;
      const params = { progressToken, progress: told, message, ...(total !== undefined && { total: before + total }) };
      mcpReq
        .notify({ method: "notifications/progress", params })
        .catch((err: unknown) => log.info({ err }, "progress could not be reported"));
    },
  };
}
