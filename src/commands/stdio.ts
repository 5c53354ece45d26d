import { fileURLToPath } from "node:url";
import type { Settings } from "../config/settings.ts";
import type { ContactFolders } from "../contacts/contact-folders.ts";
import { createDiskFolders } from "../contacts/disk-folders.ts";
import { serveOverStdio } from "../mcp/stdio.ts";
import type { CommandContext } from "../runtime/command-context.ts";
import { openSession } from "../runtime/session.ts";

/** Serves one MCP client on stdin and stdout until it closes its end. */
export async function runStdio(context: CommandContext): Promise<number> {
  const session = await openSession(context, { files: openContactFolders(context.settings) });
  try {
    await serveOverStdio({ ...session.served, signal: context.signal });
  } finally {
    await session.close();
  }
  return 0;
}

/** The sample list goes only into the default folder: one that a user names is theirs. */
export function openContactFolders({ filesDirs, filesDirIsDefault }: Settings): ContactFolders {
  const sample = fileURLToPath(new URL("../../examples/contacts.csv", import.meta.url));
  return createDiskFolders(filesDirs, filesDirIsDefault ? { sample } : {});
}
