import type { ServerContext } from "@modelcontextprotocol/server";
import type { Log } from "../lib/log.ts";
import { whileHeard } from "../lib/notices.ts";
import type { Tool, ToolContext } from "../tools/tool.ts";
import { callTool } from "./call-tool.ts";
import { openNotices } from "./notices.ts";
import { openProgress } from "./progress.ts";
import type { ServedNow, ToolCaller } from "./served.ts";

/** What is known of the request that calls a tool, and the way back to whoever sent it. */
export type CallRequest = Pick<ServerContext["mcpReq"], "signal" | "_meta" | "notify" | "log">;

/** Runs one call of a tool while whoever made it hears what happens on the way; never rejects. */
export function runCall(
  tool: Tool,
  args: unknown,
  its: Pick<ServedNow, "makeContext" | "watch">,
  request: CallRequest,
  toCaller: (progress: Pick<ToolContext, "progress">) => ToolCaller,
  log: Log,
): ReturnType<typeof callTool> {
  const notices = openNotices(request, log);
  const progress = openProgress(request, log);
  const answer = whileHeard({ ...progress, tell: notices.tell }, () =>
    callTool(tool, args, () => its.makeContext(toCaller(progress)), log),
  );
  return answer.finally(() => {
    notices.close();
    progress.close();
    its.watch.nudge();
  });
}
