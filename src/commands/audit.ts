import { createAudit, type RecordedEntry } from "../campaigns/records/index.ts";
import { counted, plainText } from "../domain/text.ts";
import type { CommandContext } from "../runtime/command-context.ts";
import { openRecord } from "../runtime/data-dir.ts";
import { findOrganizationDirs } from "../runtime/organization-dirs.ts";

/** Prints the whole record, newest last: a line each for people, or JSON. */
export async function runAudit(
  { settings, print }: CommandContext,
  asJson: boolean,
  organization?: string,
): Promise<number> {
  const dirs =
    organization === undefined ? [settings.dataDir] : await findOrganizationDirs(settings.dataDir, organization);
  const entries: RecordedEntry[] = [];
  for (const dataDir of dirs) {
    const database = await openRecord({ ...settings, dataDir });
    entries.push(...createAudit(database).read(Number.MAX_SAFE_INTEGER));
    database.close();
  }
  // Of several accounts, one after the other; within each they are in order.
  if (dirs.length > 1) entries.sort((one, other) => one.at.getTime() - other.at.getTime());
  for (const entry of entries) print(asJson ? JSON.stringify(entry) : toLine(entry));
  if (entries.length === 0 && !asJson) print("Nothing was asked, launched or refused yet.");
  return 0;
}

function toLine(entry: RecordedEntry): string {
  const { at, kind, principal, channel, client, batchId, recipients, fingerprint, detail, consent } = entry;
  const through = [channel, client].filter((part) => part !== undefined).join(", ");
  const parts = [
    at.toISOString(),
    kind,
    through ? `${principal} (${through})` : principal,
    batchId ?? "",
    recipients === undefined ? "" : counted(recipients, "recipient"),
    fingerprint ? `fingerprint ${fingerprint.slice(0, 12)}` : "",
    consent?.purpose ? `purpose "${consent.purpose}"` : "",
    consent?.basis ? `consent "${consent.basis}"` : "",
    detail ?? "",
  ];
  return parts
    .filter((part) => part !== "")
    .map((part) => plainText(part, 300))
    .join("  ");
}
