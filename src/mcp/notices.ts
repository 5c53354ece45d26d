import type { ServerContext } from "@modelcontextprotocol/server";
import type { Log } from "../lib/log.ts";
import type { TellNotice } from "../lib/notices.ts";

/**
 * Tells the client of one call what happens on the way, as log messages of the protocol: over stdio from the level that it
 * set by `logging/setLevel`, since 2026-07-28 from the one that stands in the request, and nothing where there is none. After
 * `close`, once the call has its answer, nothing is told.
 */
export function openNotices(
  { log: send }: Pick<ServerContext["mcpReq"], "log">,
  log: Log,
): { readonly tell: TellNotice; readonly close: () => void } {
  let isOpen = true;
  return {
    tell(level, message) {
      if (!isOpen) return;
      send(level, message, "batch-call-mcp").catch((err: unknown) => log.info({ err }, "a notice could not be told"));
    },
    close() {
      isOpen = false;
    },
  };
}
