import { access } from "node:fs/promises";
import { join } from "node:path";
import { Problem } from "../domain/problem.ts";

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
    `${dataDir} is for real calls (it has an account.json), and no service runs on it. Start \`batch-call-mcp service\` with BATCH_CALL_CARRIER=http, or set BATCH_CALL_DATA_DIR to another directory for simulated calls.`,
  );
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
