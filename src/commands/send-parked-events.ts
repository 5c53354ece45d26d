import { existsSync } from "node:fs";
import { join } from "node:path";
import { counted } from "../domain/text.ts";
import { systemClock } from "../lib/clock.ts";
import type { CommandContext } from "../runtime/command-context.ts";
import { type ParkedSent, sendParkedInDatabase, sendParkedInFile } from "../service/store/index.ts";
import { endpointOf } from "../service/webhooks/index.ts";

/**
 * Puts events that were given up back in line, for the URLs that are set now; whoever tells events on the database or in the data directory
 * tells them, without a restart. Returns 1 where no URL is set; throws a `Problem` when the database cannot be reached.
 */
export async function runSendParkedEvents({
  settings,
  print,
  log,
}: Pick<CommandContext, "settings" | "print" | "log">): Promise<number> {
  const { webhooks, databaseUrl, dataDir } = settings;
  if (!webhooks) {
    print(
      "BATCH_CALL_WEBHOOK_URL is not set, so there is nobody to send events to. Set it and BATCH_CALL_WEBHOOK_SECRET as the service has them, and run this command again.",
    );
    return 1;
  }
  const endpoints = webhooks.urls.map(endpointOf);
  const ids = endpoints.map(({ id }) => id);
  const [path, now] = [join(dataDir, "service.sqlite"), systemClock.now()];
  const { sent, left } = databaseUrl
    ? await sendParkedInDatabase(databaseUrl, ids, now, log)
    : await sendInFile(path, ids, now);
  for (const { id, name } of endpoints) {
    const count = sent.get(id) ?? 0;
    if (count > 0) print(`${counted(count, "event")} for ${name}: in line again.`);
  }
  if (left > 0)
    print(
      `${counted(left, "event stays", "events stay")} parked: BATCH_CALL_WEBHOOK_URL does not have ${left === 1 ? "its" : "their"} URL.`,
    );
  if (sent.size > 0)
    print("A service or worker with this URL sends them within seconds; where none runs, the next one that starts.");
  else if (left === 0) print("Nothing is parked: no event was given up within the last 30 days.");
  return 0;
}

async function sendInFile(path: string, ids: readonly string[], now: Date): Promise<ParkedSent> {
  return existsSync(path) ? sendParkedInFile(path, ids, now) : { sent: new Map(), left: 0 };
}
