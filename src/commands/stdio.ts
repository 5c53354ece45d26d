import { serveOverStdio } from "../mcp/stdio.ts";
import type { CommandContext } from "../runtime/command-context.ts";
import { openContactFolders } from "../runtime/contact-files.ts";
import { openSession } from "../runtime/session.ts";
import type { AskedTools } from "../tools/toolsets.ts";

/** Serves one MCP client on stdin and stdout until it closes its end. */
export async function runStdio(context: CommandContext, selection: AskedTools): Promise<number> {
  const session = await openSession(context, { files: openContactFolders(context.settings), selection });
  try {
    const readsRoots = context.settings.clientRoots === "read";
    await serveOverStdio({ ...session.served, signal: context.signal, readsRoots });
  } finally {
    await session.close();
  }
  return 0;
}
