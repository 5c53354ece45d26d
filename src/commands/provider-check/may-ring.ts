import { existsSync } from "node:fs";
import { join } from "node:path";
import { isOnOwnList } from "../../campaigns/limits/index.ts";
import { createKillSwitch } from "../../campaigns/records/index.ts";
import type { Settings } from "../../config/settings.ts";
import { releaseText } from "../../lib/command-text.ts";
import type { Log } from "../../lib/log.ts";
import type { DatabaseSync } from "../../lib/sqlite.ts";
import { callableFrom } from "../../runtime/operator-dial-guard.ts";
import { lookAtNumberInDatabase, lookAtNumberInFile, type NumberFacts } from "../../service/store/index.ts";

type GuardSettings = Pick<Settings, "dataDir" | "databaseUrl" | "startPolicy">;

/** What keeps a phone from ringing whoever asks for it, for a call that belongs to no batch. */
export type MayRing = {
  /** Why that number may not be called at that instant, with what to do; undefined when it may. */
  whyNot(number: string, at: Date): Promise<string | undefined>;
  /** True while everything is stopped by this data directory. */
  isStopped(): boolean;
};

/** Asks the operator's record, and the store of the service on the same settings. */
export function createMayRing(settings: GuardSettings, record: DatabaseSync, log: Log): MayRing {
  const killSwitch = createKillSwitch(record);

  async function factsOf(number: string): Promise<NumberFacts> {
    const { databaseUrl, dataDir } = settings;
    const path = join(dataDir, "service.sqlite");
    if (databaseUrl) return lookAtNumberInDatabase(databaseUrl, number, log);
    return existsSync(path) ? lookAtNumberInFile(path, number) : { isListed: false, isStopped: false };
  }

  return {
    isStopped: () => killSwitch.isOn(),
    async whyNot(number, at) {
      const { isListed, isStopped } = await factsOf(number);
      if (killSwitch.isOn() || isStopped)
        return `everything is stopped here, and this would make a phone ring. ${releaseText()} allows calls again.`;
      if (isListed || isOnOwnList(record, number))
        return "this number is on the do-not-call list. Take it off (update_do_not_call_list), or name another phone.";
      const from = callableFrom(number, settings.startPolicy, at);
      if (from === "never")
        return "this number may never be called from here (BATCH_CALL_ALLOWED_COUNTRIES, BATCH_CALL_ALLOWED_NUMBER_TYPES).";
      if (from > at)
        return `it is outside the calling hours of this number, which begin again at ${from.toISOString()} (BATCH_CALL_CALLING_HOURS).`;
      return undefined;
    },
  };
}

/** Whether what a person typed agrees to a call to that number: a phone that the settings do not name is named once more. */
export function isAgreed(number: string, testNumbers: readonly string[], typed: string): boolean {
  const words = typed.trim().toLowerCase();
  return testNumbers.includes(number) ? words === "yes" : words.replace(/[\s().-]/g, "") === number;
}
