import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../src/lib/clock.ts";
import { silentLog } from "../../../src/lib/log.ts";
import { startService } from "../../../src/service/service.ts";
import { ScriptedCarrier } from "../carriers/scripted-carrier.ts";

/** Keys of the account of that organization at a live service. */
export function keysOf(organization: string) {
  return { apiKey: `sk_${organization}_key`, apiSecret: `s3cr3t_of_${organization}_that_nobody_sees` };
}

/** Our own service with calls that are real, as far as anybody who asks it can tell, and an account for each organization. */
export async function startLiveService(organizations: readonly string[]) {
  const dataDir = await mkdtemp(join(tmpdir(), "batch-call-live-"));
  const rows = organizations.map((organization) => {
    const { apiKey, apiSecret } = keysOf(organization);
    return { organization_id: organization, api_key: apiKey, api_secret: apiSecret };
  });
  const credentials = join(dataDir, "credentials.json");
  await writeFile(credentials, JSON.stringify(rows));
  const carrier = new ScriptedCarrier(systemClock);
  carrier.environment = "live";
  carrier.callMs = 5;
  const service = await startService({
    dataDir,
    carrier,
    clock: systemClock,
    settings: { maxConcurrent: 10, startsPerSecond: 100, minHoursBetweenBatches: 0 },
    log: silentLog,
    host: "127.0.0.1",
    port: 0,
  });
  return {
    url: service.url,
    carrier,
    /** JSON list of the accounts, as an operator gives it to `http`. */
    credentials,
    async stop() {
      await service.stop();
      await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
