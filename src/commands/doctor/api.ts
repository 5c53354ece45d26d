import type { BatchCallApi } from "../../client/api.ts";
import { createBatchCallApi } from "../../client/batch-call-api.ts";
import type { Settings } from "../../config/settings.ts";
import { Problem } from "../../domain/problem.ts";
import { counted, plainText } from "../../domain/text.ts";
import { mapAtOnce } from "../../lib/at-once.ts";
import { sleep, systemClock } from "../../lib/clock.ts";
import { releaseText } from "../../lib/command-text.ts";
import { silentLog } from "../../lib/log.ts";
import { openUpstream, refusedKeysText } from "../../runtime/upstream.ts";
import { startsByItself } from "./service.ts";

/** One cheap read with the real keys. With no account this starts the service for a moment, as any client would. */
export async function checkApi(settings: Settings): Promise<string> {
  if (settings.upstream.kind !== "account" && !startsByItself(settings))
    return "not asked, no account is set: tools need BATCH_CALL_API_URL and the keys of the service's credentials.json";
  const upstream = await openUpstream(settings, silentLog);
  const api = createBatchCallApi({ ...upstream, clock: systemClock, log: silentLog });
  try {
    const numbers = await api.listPhoneNumbers({ page: 0, limit: 1 });
    await refuseStopped(api);
    return `${await api.origin()} accepts the keys, ${await api.environment()}, ${counted(numbers.totalCount ?? numbers.rows.length, "caller id")}`;
  } finally {
    await api.close();
    await upstream.close();
  }
}

/** Throws where all calls are stopped at the service, whichever data directory that came from. */
async function refuseStopped(api: BatchCallApi): Promise<void> {
  const stop = await api.getStop().catch((error: unknown) => {
    if (error instanceof Problem && error.code === "unsupported") return undefined;
    throw error;
  });
  if (!stop) return;
  const whose = stop.isEverybody ? "for everybody on its database" : "for this account";
  throw new Problem(
    "refused_by_limit",
    `all calls are stopped at the service, ${whose}: nothing is started or dialed. ${releaseText()} allows calls again.`,
  );
}

const triedAtOnce = 10;
const longestTryMs = 15_000;

/** One cheap read with the keys of each account of `BATCH_CALL_ORGANIZATIONS_FILE`, several at once. Throws with all that fail. */
export async function checkOrganizations(settings: Settings): Promise<string> {
  const { organizationsFile: file = "" } = settings.access;
  const upstream = await openUpstream(settings, silentLog);
  const patience = new AbortController();
  const late = sleep(systemClock, longestTryMs, patience.signal).then(() => {
    throw new Problem("unavailable", `No answer within ${longestTryMs / 1000} s.`);
  });
  late.catch(() => {});
  try {
    const said = await mapAtOnce(upstream.organizations, triedAtOnce, async (name) => {
      const account = upstream.ofOrganization(name);
      if (!account) return [];
      const api = createBatchCallApi({ ...account, clock: systemClock, log: silentLog });
      try {
        await Promise.race([api.listPhoneNumbers({ page: 0, limit: 1 }), late]);
        await Promise.race([refuseStopped(api), late]);
        return [];
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        const words = error.code === "unauthorized" ? refusedKeysText(name, file) : error.message;
        return [`organization "${plainText(name, 100)}": ${words}`];
      } finally {
        await api.close();
      }
    });
    const wrong = said.flat();
    if (wrong.length > 0) throw new Problem("unavailable", wrong.join(" "));
    return `the API accepts the keys of all ${upstream.organizations.length} in ${file}`;
  } finally {
    patience.abort();
    await upstream.close();
  }
}
