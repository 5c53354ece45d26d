import { join } from "node:path";
import type { ApprovalFormParts } from "../approval-page/answer-question.ts";
import { createApprovalPageOpener } from "../approval-page/open-approval-page.ts";
import {
  type ApprovalRequest,
  type ApprovalStore,
  allStopped,
  createApprovalStore,
  type OpenPage,
  type PeoplePage,
} from "../campaigns/approve/index.ts";
import { withGroups } from "../campaigns/group/index.ts";
import { buildCampaigns, type Campaigns, toAccountName } from "../campaigns/index.ts";
import {
  type Audit,
  createAudit,
  createKeptCalls,
  createKillSwitch,
  type KillSwitch,
  openCampaignDatabase,
} from "../campaigns/records/index.ts";
import { createBatchCallApi } from "../client/batch-call-api.ts";
import type { ContactFolders } from "../contacts/contact-folders.ts";
import { type Downloads, openDownloads } from "../contacts/downloads.ts";
import { openUploads, type Uploads } from "../contacts/uploads.ts";
import { organizationOwner } from "../domain/access.ts";
import { asksAPerson } from "../domain/start-policy.ts";
import { systemClock } from "../lib/clock.ts";
import { packageVersion } from "../lib/version.ts";
import { openLists } from "../lists/open-lists.ts";
import { askNobody } from "../mcp/ask-person.ts";
import type { ServedTools } from "../mcp/served.ts";
import { selectPrompts } from "../prompts/index.ts";
import { selectResources } from "../resources/index.ts";
import { buildLiveBatches } from "../tools/batch/live-batches.ts";
import { withCallFacts } from "../tools/calls/api-with-call-facts.ts";
import { listAskedPeople } from "../tools/calls/asked-people.ts";
import { selectTools } from "../tools/index.ts";
import type { AskedTools } from "../tools/toolsets.ts";
import type { CommandContext } from "./command-context.ts";
import { ensureWritableDir, machineUser } from "./data-dir.ts";
import { rehearseBy } from "./rehearse-plan.ts";
import { openUpstream, type Upstream } from "./upstream.ts";

export type Session = {
  readonly served: ServedTools;
  /** Lists that clients send over HTTP. */
  readonly uploads: Uploads;
  /** Files that clients fetch over HTTP. */
  readonly downloads: Downloads;
  /** What a page needs that asks people for approval. */
  readonly formParts: ApprovalFormParts & { readonly approvals: ApprovalStore };
  readonly upstream: Upstream;
  readonly killSwitch: KillSwitch;
  /** The record of starts, approvals and refusals. */
  readonly audit: Audit;
  close(): Promise<void>;
};

export type SessionOptions = {
  /** Given where the client is on this machine. */
  readonly files?: ContactFolders;
  /** Where people agree on this server, and whether they do so now; else, and without it, in the browser of this machine. */
  readonly approvalPage?: { readonly path: string; isServed(): boolean };
  /** Of an organization that is not the operator's own: its account, and the switch that stops it too. */
  readonly organization?: { readonly upstream: Upstream; readonly killSwitch: KillSwitch };
  /** Which tools are listed; all that can work here unless given. */
  readonly selection?: AskedTools;
};

/** Everything that the tools need, from the settings. */
export async function openSession(
  { settings, platform, log }: Pick<CommandContext, "settings" | "platform" | "log">,
  { files, approvalPage, organization, selection = { isReadOnly: false } }: SessionOptions = {},
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
  const upstream = organization?.upstream ?? (await openUpstream(settings, log));
  const api = createBatchCallApi({ ...upstream, clock, log });
  const record = {
    approvals: createApprovalStore(database),
    audit: createAudit(database),
    killSwitch: createKillSwitch(database, organization?.killSwitch),
  };
  const formParts = {
    ...record,
    clock,
    log,
    onApproved: (request: ApprovalRequest) => campaigns.proceed(request),
    liveOf: () => live,
    whyStopped: () =>
      record.killSwitch.isOn() ? allStopped({ by: "operator", since: record.killSwitch.changedAt() }) : undefined,
    listPeople: (request: ApprovalRequest, page: PeoplePage) => listAskedPeople({ campaigns, lists })(request, page),
  };
  const browser = createApprovalPageOpener({
    ...formParts,
    principal: machineUser(),
    desktop: platform,
    dataDir: settings.dataDir,
    ...terminalOfPerson(),
  });
  const openPage: OpenPage = async (request) => (approvalPage?.isServed() ? "listed" : browser.open(request));
  const campaigns: Campaigns = buildCampaigns({
    api,
    database,
    clock,
    log,
    policy,
    timezone,
    ...record,
    openPage,
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
    ...(defaultCountry && { defaultCountry }),
  };
  const makeContext = (caller: Parameters<ServedTools["makeContext"]>[0]) => ({
    ...shared,
    ...caller,
    ...(approvalPage?.isServed() && { approvalPath: approvalPage.path }),
  });
  const live = buildLiveBatches((principal, through) =>
    makeContext({
      principal,
      ...(through && { through }),
      owner: organizationOwner,
      access: { kind: "all" },
      askPerson: askNobody,
      signal: new AbortController().signal,
    }),
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
    upstream,
    killSwitch: record.killSwitch,
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
