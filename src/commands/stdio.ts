import { serveOverStdio } from "../mcp/stdio.ts";
import type { CommandContext } from "../runtime/command-context.ts";
import { openContactFolders } from "../runtime/contact-files.ts";
import { openSession } from "../runtime/session.ts";
import type { AskedTools } from "../tools/toolsets.ts";

/** Serves one MCP client on stdin and stdout until it closes its end, from where its first requests were answered. */
export async function runStdio(context: CommandContext, selection: AskedTools): Promise<number> {
  const { settings, signal, handedOver } = context;
  const session = await openSession(context, { files: openContactFolders(settings), selection });
  try {
    await serveOverStdio({ ...session.served, ...handedOver, signal, readsRoots: settings.clientRoots === "read" });
  } finally {
    await session.close();
  }
  return 0;
}
