import { fileURLToPath } from "node:url";
import type { Settings } from "../config/settings.ts";
import type { ContactFolders } from "../contacts/contact-folders.ts";
import { createDiskFolders } from "../contacts/disk-folders.ts";

/** The folders of the settings. The sample list goes only into the default one: those that a user names are theirs. */
export function openContactFolders({ filesDirs, filesDirIsDefault, dataDir }: Settings): ContactFolders {
  const sample = fileURLToPath(new URL("../../examples/contacts.csv", import.meta.url));
  return createDiskFolders(filesDirs, { dataDir, ...(filesDirIsDefault && { sample }) });
}
