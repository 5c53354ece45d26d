import type { Settings } from "../config/settings.ts";
import type { ContactFolders } from "../contacts/contact-folders.ts";
import { createDiskFolders, makeFolder } from "../contacts/disk-folders.ts";
import { packageFile } from "../lib/package-file.ts";

/** The list that comes with the package. */
export function sampleList(): string {
  return packageFile("examples", "contacts.csv");
}

/** The folders of the settings. The sample list goes only into the default one: those that a user names are theirs. */
export function openContactFolders({ filesDirs, filesDirIsDefault, dataDir }: Settings): ContactFolders {
  return createDiskFolders(filesDirs, { dataDir, ...(filesDirIsDefault && { sample: sampleList() }) });
}

/** Makes the first folder, with the sample list in it if that is due, as the first use does. */
export async function makeContactFolder({ filesDirs: [first], filesDirIsDefault }: Settings): Promise<void> {
  await makeFolder(first, filesDirIsDefault ? sampleList() : undefined);
}
