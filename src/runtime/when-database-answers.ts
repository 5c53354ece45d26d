import { backOffMs } from "../lib/background.ts";
import { sleep, systemClock } from "../lib/clock.ts";
import { factsOfFailure, mayAnswerLater } from "../service/store/index.ts";
import type { CommandContext } from "./command-context.ts";

/**
 * Starts something that needs the shared database, as soon as that answers: machines start in any order. Tries again with
 * growing waits of at most 30 s, each of them logged. Resolves with undefined when the signal is aborted before, and throws what
 * no waiting mends.
 */
export async function whenDatabaseAnswers<T>(
  { log, signal }: Pick<CommandContext, "log" | "signal">,
  start: () => Promise<T>,
): Promise<T | undefined> {
  for (let failures = 1; !signal.aborted; failures += 1) {
    try {
      return await start();
    } catch (error) {
      if (!mayAnswerLater(error)) throw error;
      const waitMs = backOffMs(failures);
      const facts = factsOfFailure(error instanceof Error && error.cause ? error.cause : error);
      log.warn({ ...facts, waitMs }, "The database of BATCH_CALL_DATABASE_URL does not answer; waiting for it");
      await sleep(systemClock, waitMs, signal);
    }
  }
  return undefined;
}
