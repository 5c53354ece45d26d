import { userInfo } from "node:os";
import { join } from "node:path";
import { openCampaignDatabase } from "../campaigns/records/index.ts";
import type { Settings } from "../config/settings.ts";
import type { DatabaseSync } from "../lib/sqlite.ts";
import { ensureWritableDir } from "./writable-dir.ts";

/** Opens the database of the data directory for a command that looks at it while servers may be running. */
export async function openRecord({ dataDir }: Settings): Promise<DatabaseSync> {
  await ensureWritableDir(dataDir, "BATCH_CALL_DATA_DIR");
  return openCampaignDatabase(join(dataDir, "ledger.sqlite"));
}

/** The name of the user at this machine, for the record. */
export function machineUser(): string {
  try {
    return userInfo().username;
  } catch {
    // A container's user may have a number and no name.
    return `uid ${process.getuid?.() ?? "unknown"}`;
  }
}
