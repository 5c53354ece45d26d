import type { ServerContext } from "@modelcontextprotocol/server";
import type { Log } from "../lib/log.ts";
import type { Hearer } from "../lib/notices.ts";
import type { ToolContext } from "../tools/tool.ts";

type CallProgress = Pick<ToolContext, "progress"> & Pick<Hearer, "tellWait"> & { readonly close: () => void };

/**
 * What tells a client how far its call is, and that it waits for something that takes long: nothing unless it sent a progress token
 * with the call, and nothing after `close`, once the call has its answer. A client that is gone hears nothing, and the call goes on.
 */
export function openProgress(request: Pick<ServerContext["mcpReq"], "_meta" | "notify">, log: Log): CallProgress {
  const progressToken = request._meta?.progressToken;
  if (progressToken === undefined) return { close: () => {} };
  let isOpen = true;
  let [before, last, told, waits] = [0, -1, 0, 0];
  let known: number | undefined;
  const notify = (progress: number, message: string): void => {
    if (!isOpen) return;
    const params = { progressToken, progress, message, ...(known !== undefined && { total: known }) };
    request
      .notify({ method: "notifications/progress", params })
      .catch((err: unknown) => log.info({ err }, "progress could not be reported"));
  };
  return {
    progress: (done, message, total) => {
      // What is told must grow; each part of the work counts from its own beginning.
      if (done <= last) before = done === 0 ? told + 1 : told;
      [last, told, waits] = [done, before + done, 0];
      known = total === undefined ? undefined : before + total;
      notify(told, message);
    },
    // A wait is no step: it grows towards the next one and never gets there.
    tellWait: (message) => {
      last = Math.max(last, 0);
      waits++;
      notify(told + waits / (waits + 1), message);
    },
    close: () => {
      isOpen = false;
    },
  };
}
