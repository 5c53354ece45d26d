import { join } from "node:path";
import type { DeskParts } from "../approval-page/approval-form.ts";
import { createPageOffer } from "../approval-page/open-approval-page.ts";
import { createBatchCallApi } from "../client/batch-call-api.ts";
import { systemClock } from "../lib/clock.ts";
import type { ContactFolder } from "../contacts/contact-folder.ts";
import type { OfferPage } from "../campaigns/approve/obtain-approval.ts";
import { createApprovalBook } from "../campaigns/approve/approval-store.ts";
import { createAudit } from "../campaigns/records/audit.ts";
import { buildLaunch } from "../campaigns/build-campaigns.ts";
import { createKillSwitch } from "../campaigns/records/kill-switch.ts";
import { openLedger } from "../campaigns/create/creation-log.ts";
import type { ServedTools } from "../mcp/server.ts";
import { withCounts } from "../tools/shared/api-with-task-counts.ts";
import { tools } from "../tools/index.ts";
import { packageVersion } from "../lib/version.ts";
import { machineUser } from "./approval-record.ts";
import type { CommandContext } from "../commands/commands.ts";
import { openUpstream } from "./upstream.ts";
import { ensureWritableDir } from "./writable-dir.ts";

export type Session = {
  readonly served: ServedTools;
  /** What a page needs that asks people for approval. */
  readonly desk: DeskParts;
  close(): Promise<void>;
};

export type SessionOptions = {
  /** Given over stdio only. */
  readonly files?: ContactFolder;
  /** How people get to a page, where not in the browser of this machine. */
  readonly offerPage?: OfferPage;
};

/** Everything that the tools need, from the settings. */
export async function openSession(
  { settings, platform, log }: Pick<CommandContext, "settings" | "platform" | "log">,
  { files, offerPage }: SessionOptions = {},
): Promise<Session> {
  await ensureWritableDir(settings.dataDir, "BATCH_CALL_DATA_DIR");
  const { defaultCountry, timezone, launchPolicy: policy } = settings;
  if (policy.approval !== "auto")
    log.info({ approval: policy.approval, ...policy.limits }, "no person is asked to agree to launches");
  // Before the upstream: one that starts by itself goes on dialing until it is closed.
  const ledger = openLedger(join(settings.dataDir, "ledger.sqlite"));
  const upstream = await openUpstream(settings, log);
  const { database } = ledger;
  const clock = systemClock;
  const api = createBatchCallApi({ ...upstream, clock, log });
  const record = {
    book: createApprovalBook(database),
    audit: createAudit(database),
    killSwitch: createKillSwitch(database),
  };
  const desk: DeskParts = { ...record, clock, log, onApproved: (request) => launch.proceed(request) };
  const browser = createPageOffer({ ...desk, principal: machineUser(), desktop: platform, ...terminalOfPerson() });
  const launch = buildLaunch({
    api,
    ledger,
    clock,
    log,
    policy,
    timezone,
    ...record,
    offerPage: offerPage ?? ((request) => browser.offer(request)),
    account: upstream.account,
  });
  const takingUp = launch.takeUp().catch((err: unknown) => log.warn({ err }, "open launches could not be looked at"));
  const shared = {
    api: withCounts(api, clock),
    launch,
    clock,
    timezone,
    ...(files && { files }),
    ...(defaultCountry && { defaultCountry }),
  };
  return {
    served: { tools, makeContext: (caller) => ({ ...shared, ...caller }), version: packageVersion, log },
    desk,
    async close() {
      await api.close();
      await Promise.all([takingUp, launch.close(), browser.close()]);
      ledger.close();
      await upstream.close();
    },
  };
}

/** A desktop client keeps what stands on stderr in a file; only a terminal is read by the person themselves. */
function terminalOfPerson(): { tellTerminal?: (line: string) => void } {
  if (!process.stderr.isTTY) return {};
  return { tellTerminal: (line) => void process.stderr.write(`${line}\n`) };
}
