import { Problem } from "../../../domain/problem.ts";
import type { Secret } from "../../../domain/secret.ts";
import type { Log } from "../../../lib/log.ts";
import { factsOfFailure } from "../../store/index.ts";
import type { WakeUps } from "./wake-ups.ts";

const queue = "due-calls";
const oldestNode = [22, 12] as const;

/**
 * Wake-ups through pg-boss, in the schema `pgboss` of that database: one job says that something may be due, and one
 * process takes it. Throws a `Problem` on a Node that pg-boss does not run on, and when pg-boss is not installed.
 */
export async function openPgBoss(url: Secret, log: Log, node = process.versions.node): Promise<WakeUps> {
  if (isOlder(node)) throw new Problem("unavailable", tooOld(node));
  const { PgBoss } = await loadLibrary();
  const boss = new PgBoss({
    connectionString: url.reveal(),
    application_name: "batch-call-mcp wake-ups",
    max: 3,
    useListenNotify: true,
    schedule: false,
  });
  // It goes on by itself when the database is back; without a listener the error would end the process.
  boss.on("error", (error) => log.warn(factsOfFailure(error), "pg-boss could not reach the database"));
  let isReady = false;

  return {
    announce() {
      if (!isReady) return;
      boss
        .send(queue)
        .catch((error) => log.warn(factsOfFailure(error), "Other processes could not be notified of due calls"));
    },
    async start(onWake) {
      await boss.start();
      // `short`: of jobs that say the same, one waits at a time.
      await boss.createQueue(queue, { policy: "short", notify: true, retryLimit: 0, deleteAfterSeconds: 3600 });
      await boss.work(queue, { pollingIntervalSeconds: 1 }, async () => onWake());
      isReady = true;
    },
    async stop() {
      isReady = false;
      await boss
        .stop({ graceful: false })
        .catch((error) => log.warn(factsOfFailure(error), "pg-boss did not stop in order"));
    },
  };
}

function isOlder(node: string): boolean {
  const [major = 0, minor = 0] = node.split(".").map(Number);
  return major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1]);
}

function tooOld(node: string): string {
  return `BATCH_CALL_DATABASE_URL needs Node ${oldestNode.join(".")} or newer (pg-boss 12 does); this is Node ${node}. Nothing was started. Update Node, or run without that setting, on SQLite.`;
}

// Optional: only who sets BATCH_CALL_DATABASE_URL needs it.
async function loadLibrary() {
  try {
    return await import("pg-boss");
  } catch (cause) {
    throw new Problem(
      "unavailable",
      "BATCH_CALL_DATABASE_URL is set, and pg-boss is not installed. Install it beside this program: npm install pg pg-boss.",
      { cause },
    );
  }
}
