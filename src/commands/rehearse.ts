import { join } from "node:path";
import { systemClock } from "../lib/clock.ts";
import { aborted, type CommandContext } from "../runtime/command-context.ts";
import { loadOrganizations } from "../service/accounts/index.ts";
import { startRehearsal } from "../service/rehearsal/index.ts";
import { toRehearsalText } from "./rehearsal-text.ts";

/**
 * Runs the service on a virtual clock until it is told to stop, and prints the report whenever all batches are over and
 * at the end. Its keys are its own and stay the same; its batches are gone when it ends.
 */
export async function runRehearsal({ settings, log, signal, print }: CommandContext): Promise<number> {
  const credentials = join(settings.dataDir, "rehearsal", "credentials.json");
  const rehearsal = await startRehearsal({
    organizations: await loadOrganizations(credentials),
    clock: systemClock,
    settings,
    seed: settings.simulatedSeed,
    log,
    host: "127.0.0.1",
    port: settings.servicePort,
    onOver: (report) => print(toRehearsalText(report)),
  });
  print(
    `Rehearsal on ${rehearsal.url}: nothing is dialed, and the clock jumps ahead while a batch runs. Its keys are in ${credentials}; its report is at /rehearsal/report.`,
  );
  await aborted(signal);
  const report = await rehearsal.report();
  await rehearsal.stop();
  if (!report.is_over) print(toRehearsalText(report));
  return 0;
}
