import { statSync } from "node:fs";
import { access, constants } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { openCampaignDatabase } from "../campaigns/records/index.ts";
import type { CarrierSettings } from "../config/carrier.ts";
import type { Settings } from "../config/settings.ts";
import { Problem } from "../domain/problem.ts";
import { commandText } from "../lib/command-text.ts";
import type { DatabaseSync } from "../lib/sqlite.ts";
import { makeDir } from "../lib/system.ts";
import type { SendLedger } from "../service/store/index.ts";

/** The operator's agents and caller ids; only a directory for real calls has it. */
export function accountPath(dataDir: string): string {
  return join(dataDir, "account.json");
}

/** The simulated carrier's ledger; only a directory for simulated calls has it. */
export function simulatedLedgerPath(dataDir: string): string {
  return join(dataDir, "carrier.sqlite");
}

/** Throws for a directory with simulated batches: what still waits in them would be dialed for real. */
export async function refuseSimulatedDir(dataDir: string): Promise<void> {
  if (!(await exists(simulatedLedgerPath(dataDir)))) return;
  throw new Problem(
    "unavailable",
    `${dataDir} holds simulated batches, which would be called for real. Nothing was started. Set BATCH_CALL_DATA_DIR to another directory for real calls.`,
  );
}

/** Throws for a directory with real batches: the simulation would make up how their calls went. */
export async function refuseLiveDir(dataDir: string): Promise<void> {
  if (!(await exists(accountPath(dataDir)))) return;
  throw new Problem(
    "unavailable",
    `${dataDir} is for real calls (it has an account.json), and no service runs on it. Start \`${commandText("service")}\` with BATCH_CALL_CARRIER=http, or set BATCH_CALL_DATA_DIR to another directory for simulated calls.`,
  );
}

/** Throws a `Problem` unless this carrier is the one that places the calls of a store. The first that ever did stays it. */
export async function requireCarrier(kind: CarrierSettings["kind"], sends: SendLedger, where: string): Promise<void> {
  // These two answer for a token themselves, whoever asks; earlier versions knew no third.
  const other = await sends.bind(kind, { knowsEarlierCalls: kind === "simulated" || kind === "http" });
  if (other === undefined) return;
  const whose = other === "somebody" ? "another carrier, and some are under way" : `the carrier "${other}"`;
  throw new Problem(
    "unavailable",
    `The calls of ${where} are placed through ${whose}; BATCH_CALL_CARRIER is "${kind}", which knows nothing of them. Nothing was started. Set BATCH_CALL_CARRIER back, or use another data directory or database.`,
  );
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Tells a file from one that later took its place; undefined when there is none. */
export function fileIdentity(path: string): string | undefined {
  try {
    const { dev, ino, birthtimeMs } = statSync(path);
    return `${dev} ${ino} ${birthtimeMs}`;
  } catch {
    return undefined;
  }
}

/** Makes a directory (for its owner only) and makes sure that files can be written there; throws a `Problem` that names the setting. */
export async function ensureWritableDir(path: string, setting: string): Promise<void> {
  try {
    await makeDir(path);
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    throw new Problem(
      "unavailable",
      `cannot write to the directory ${path} (${code}). Make it writable for this user, or set ${setting} to another directory.`,
      { cause },
    );
  }
}

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
