import { join } from "node:path";
import type { ApprovalFormParts } from "../approval-page/answer-question.ts";
import { createApprovalPageOpener } from "../approval-page/open-approval-page.ts";
import { createApprovalStore, type OpenPage } from "../campaigns/approve/index.ts";
import { withGroups } from "../campaigns/group/index.ts";
import { buildCampaigns, toAccountName } from "../campaigns/index.ts";
import {
  type Audit,
  createAudit,
  createKeptCalls,
  createKillSwitch,
  openCampaignDatabase,
} from "../campaigns/records/index.ts";
import { createBatchCallApi } from "../client/batch-call-api.ts";
import type { ContactFolders } from "../contacts/contact-folders.ts";
import { type Downloads, openDownloads } from "../contacts/downloads.ts";
import { openUploads, type Uploads } from "../contacts/uploads.ts";
import { asksAPerson } from "../domain/start-policy.ts";
import { systemClock } from "../lib/clock.ts";
import { packageVersion } from "../lib/version.ts";
import { openLists } from "../lists/open-lists.ts";
import { askNobody } from "../mcp/ask-person.ts";
import type { ServedTools } from "../mcp/server.ts";
import { selectPrompts } from "../prompts/index.ts";
import { selectResources } from "../resources/index.ts";
import { selectTools } from "../tools/index.ts";
import { withCallFacts } from "../tools/shared/api-with-call-facts.ts";
import { listAskedPeople } from "../tools/shared/asked-people.ts";
import { buildLiveBatches } from "../tools/shared/live-batches.ts";
import type { AskedTools } from "../tools/toolsets.ts";
import type { CommandContext } from "./command-context.ts";
import { ensureWritableDir, machineUser } from "./data-dir.ts";
import { rehearseBy } from "./rehearse-plan.ts";
import { openUpstream } from "./upstream.ts";

export type Session = {
  readonly served: ServedTools;
  /** Lists that clients send over HTTP. */
  readonly uploads: Uploads;
  /** Files that clients fetch over HTTP. */
  readonly downloads: Downloads;
  /** What a page needs that asks people for approval. */
  readonly formParts: ApprovalFormParts;
  /** The record of starts, approvals and refusals. */
  readonly audit: Audit;
  close(): Promise<void>;
};

export type SessionOptions = {
  /** Given where the client is on this machine. */
  readonly files?: ContactFolders;
  /** How people get to a page, where not in the browser of this machine. */
  readonly openPage?: OpenPage;
  /** Where that page is on this server. */
  readonly approvalPath?: string;
  /** Which tools are listed; all that can work here unless given. */
  readonly selection?: AskedTools;
};

/** Everything that the tools need, from the settings. */
export async function openSession(
  { settings, platform, log }: Pick<CommandContext, "settings" | "platform" | "log">,
  { files, openPage, approvalPath, selection = { isReadOnly: false } }: SessionOptions = {},
): Promise<Session> {
  await ensureWritableDir(settings.dataDir, "BATCH_CALL_DATA_DIR");
  const { defaultCountry, timezone, startPolicy: policy } = settings;
  if (!asksAPerson(policy))
    log.info({ approval: policy.approval, ...policy.limits }, "no person is asked to agree to starts");
  // Before the upstream: one that starts by itself goes on dialing until it is closed.
  const database = openCampaignDatabase(join(settings.dataDir, "ledger.sqlite"));
  const clock = systemClock;
  const lists = openLists(join(settings.dataDir, "lists.sqlite"), clock);
  const uploads = openUploads(join(settings.dataDir, "uploads"), clock, log);
  const downloads = openDownloads(join(settings.dataDir, "downloads"), clock, log);
  const upstream = await openUpstream(settings, log);
  const api = createBatchCallApi({ ...upstream, clock, log });
  const record = {
    approvals: createApprovalStore(database),
    audit: createAudit(database),
    killSwitch: createKillSwitch(database),
  };
  const formParts: ApprovalFormParts = {
    ...record,
    clock,
    log,
    onApproved: (request) => campaigns.proceed(request),
    live: {
      look: (batchId) => live.look(batchId),
      stop: (batchId, by) => live.stop(batchId, by),
    },
    listPeople: (request, page) => listAskedPeople({ campaigns, lists })(request, page),
  };
  const browser = createApprovalPageOpener({
    ...formParts,
    principal: machineUser(),
    desktop: platform,
    dataDir: settings.dataDir,
    ...terminalOfPerson(),
  });
  const campaigns = buildCampaigns({
    api,
    database,
    clock,
    log,
    policy,
    timezone,
    ...record,
    openPage: openPage ?? ((request) => browser.open(request)),
    account: upstream.account,
  });
  const takingUp = campaigns.takeUp().catch((err: unknown) => log.warn({ err }, "open starts could not be checked"));
  const account = toAccountName(upstream.account);
  const told = withCallFacts(api, { clock, kept: createKeptCalls(database), account });
  const shared = {
    api: withGroups(told, { database, account }),
    campaigns,
    lists,
    uploads,
    downloads,
    clock,
    rehearse: rehearseBy(settings),
    timezone,
    ...(files && { files }),
    ...(approvalPath !== undefined && { approvalPath }),
    ...(defaultCountry && { defaultCountry }),
  };
  const makeContext = (caller: Parameters<ServedTools["makeContext"]>[0]) => ({ ...shared, ...caller });
  const live = buildLiveBatches((principal) =>
    makeContext({ principal, askPerson: askNobody, signal: new AbortController().signal }),
  );
  return {
    served: {
      resources: selectResources(selection),
      prompts: selectPrompts(selection),
      tools: selectTools({ ...selection, hasTestNumbers: policy.testNumbers !== undefined }),
      makeContext,
      version: packageVersion,
      log,
    },
    uploads,
    downloads,
    formParts,
    audit: record.audit,
    async close() {
      told.stop();
      await api.close();
      await Promise.all([takingUp, campaigns.close(), browser.close(), uploads.close(), downloads.close()]);
      database.close();
      lists.close();
      await upstream.close();
    },
  };
}

/** A desktop client keeps what stands on stderr in a file; only a terminal is read by the person themselves. */
function terminalOfPerson(): { tellTerminal?: (line: string) => void } {
  if (!process.stderr.isTTY) return {};
  return { tellTerminal: (line) => void process.stderr.write(`${line}\n`) };
}
