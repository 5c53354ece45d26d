import { join } from "node:path";
import { createBatchCallApi } from "../client/batch-call-api.ts";
import { systemClock } from "../clock.ts";
import type { ContactFolder } from "../contacts/contact-folder.ts";
import { buildLaunch } from "../launch/build-launch.ts";
import { openLedger } from "../launch/ledger.ts";
import type { ServedTools } from "../mcp/server.ts";
import { withCounts } from "../tools/counted-api.ts";
import { tools } from "../tools/index.ts";
import { packageVersion } from "../version.ts";
import type { CommandContext } from "./commands.ts";
import { openUpstream } from "./upstream.ts";
import { ensureWritableDir } from "./writable-dir.ts";

export type Session = { readonly served: ServedTools; close(): Promise<void> };

/** Everything that the tools need, from the settings. `files` is given over stdio only. */
export async function openSession(
  { settings, log }: Pick<CommandContext, "settings" | "log">,
  files?: ContactFolder,
): Promise<Session> {
  await ensureWritableDir(settings.dataDir, "BATCH_CALL_DATA_DIR");
  const upstream = await openUpstream(settings, log);
  const ledger = openLedger(join(settings.dataDir, "ledger.sqlite"));
  const api = createBatchCallApi({ ...upstream, clock: systemClock, log });
  const launch = buildLaunch({ api, ledger, clock: systemClock, account: upstream.account });
  const { defaultCountry, timezone } = settings;
  const shared = {
    api: withCounts(api, systemClock),
    launch,
    clock: systemClock,
    timezone,
    ...(files && { files }),
    ...(defaultCountry && { defaultCountry }),
  };
  return {
    served: { tools, makeContext: (caller) => ({ ...shared, ...caller }), version: packageVersion, log },
    async close() {
      await api.close();
      ledger.close();
      await upstream.close();
    },
  };
}
