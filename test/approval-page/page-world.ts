import { mkdtempSync, rmSync } from "node:fs";
import { request as nodeRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ApprovalPage, startApprovalPage } from "../../src/approval-page/one-time-page.ts";
import type {
  ApprovalRequest,
  ApprovalStore,
  ListAskedPeople,
  StartSummary,
} from "../../src/campaigns/approve/approval.ts";
import { createApprovalStore } from "../../src/campaigns/approve/approval-store.ts";
import type { LiveBatch, LiveBatches } from "../../src/campaigns/approve/index.ts";
import type { Audit } from "../../src/campaigns/records/audit.ts";
import { createAudit } from "../../src/campaigns/records/audit.ts";
import { openCampaignDatabase } from "../../src/campaigns/records/database.ts";
import { silentLog } from "../../src/lib/log.ts";
import { summaryOf } from "../support/campaigns/approval-summary.ts";
import { TestClock } from "../support/test-clock.ts";

export type PageWorld = {
  readonly clock: TestClock;
  readonly approvals: ApprovalStore;
  readonly audit: Audit;
  readonly page: ApprovalPage;
  /** Batches whose launch the page set off, in order. */
  readonly launched: string[];
  /** Batches that were stopped from the page, and by whom, in order. */
  readonly stopped: string[];
  /** How the calls stand that a page looks at. A test changes it. */
  readonly calls: { batch: LiveBatch; error?: Error };
  /** What looks at them, and stops them. */
  readonly live: { -readonly [K in keyof LiveBatches]: LiveBatches[K] };
  /** What the page wrote to its log, in order. */
  readonly logged: object[];
  ask(changes?: Partial<StartSummary>): ApprovalRequest;
  state(request: ApprovalRequest): ApprovalRequest["state"] | undefined;
  stop(): Promise<void>;
};

/** The people of `summaryOf()`: 1,042, every second one with a name. */
const listFictional: ListAskedPeople = async (_request, { page, limit, search }) => {
  const total = search ? 1 : 1042;
  const rows = Array.from(
    { length: Math.max(0, Math.min(limit, total - page * limit)) },
    (_, at) => page * limit + at + 2,
  );
  const people = rows.map((row) => ({
    row,
    maskedNumber: `+1 *** *** ${String(row).padStart(4, "0")}`,
    ...(row % 2 === 0 && { label: `Person <b>${row}</b>` }),
  }));
  return { people, total };
};

/** A book on disk and the one-time page before it, on a clock that the test moves. */
export async function startPageWorld(listPeople: ListAskedPeople = listFictional): Promise<PageWorld> {
  const dir = mkdtempSync(join(tmpdir(), "approval-page-"));
  const database = openCampaignDatabase(join(dir, "ledger.sqlite"));
  const clock = new TestClock("2026-03-02T15:00:00Z");
  const approvals = createApprovalStore(database);
  const launched: string[] = [];
  const logged: object[] = [];
  const stopped: string[] = [];
  const calls: PageWorld["calls"] = {
    batch: {
      name: "June <reminders>",
      state: "Running",
      facts: [{ label: "Done", text: "51 of 1,042 people" }],
      canStop: true,
      isOver: false,
      isUnstarted: false,
    },
  };
  const onApproved = ({ summary }: ApprovalRequest) => void launched.push(summary.batchId);
  const live: PageWorld["live"] = {
    async look() {
      if (calls.error) throw calls.error;
      return calls.batch;
    },
    async stop(batchId, by) {
      if (calls.error) throw calls.error;
      stopped.push(`${batchId} by ${by}`);
      calls.batch = { ...calls.batch, state: "Paused", canStop: false };
      return "3 calls are with the provider.";
    },
  };
  const page = await startApprovalPage({
    approvals,
    clock,
    log: { ...silentLog, warn: (fields: object) => void logged.push(fields) },
    principal: "ana",
    onApproved,
    listPeople,
    liveOf: () => live,
    dataDir: dir,
    desktop: { os: "linux", env: {} },
  });
  return {
    clock,
    approvals,
    audit: createAudit(database),
    page,
    launched,
    stopped,
    calls,
    live,
    logged,
    ask: (changes) => approvals.ask(summaryOf(changes), { principal: "local" }, clock.now()),
    state: ({ id }) => approvals.get(id, clock.now())?.state,
    async stop() {
      await page.close();
      database.close();
      rmSync(dir, { recursive: true });
    },
  };
}

export type Sent = { readonly status: number; readonly headers: Record<string, unknown>; readonly text: string };

/** Sends exactly these headers, those that a browser or `fetch` would not let a program set included. */
export function send(
  url: string,
  { method = "POST", headers = {}, body = "" }: { method?: string; headers?: Record<string, string>; body?: string },
): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const request = nodeRequest(url, { method, headers, agent: false }, async (response) => {
      let text = "";
      for await (const chunk of response.setEncoding("utf8")) text += chunk;
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
    });
    request.on("error", reject).end(body);
  });
}

/** Sends as the page's own script does. */
export function sendFromPage(
  link: string,
  path: string,
  fields: Record<string, string> = {},
  changes: Record<string, string> = {},
): Promise<Sent> {
  const { origin, hash } = new URL(link);
  const headers = { Origin: origin, "X-Approval-Secret": hash.slice(1), ...changes };
  return send(`${origin}${path}`, { headers, body: new URLSearchParams(fields).toString() });
}
