import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { isLiveCarrier } from "../../config/carrier.ts";
import type { Settings } from "../../config/settings.ts";
import { counted } from "../../domain/text.ts";
import { commandText } from "../../lib/command-text.ts";
import { sampleList } from "../../runtime/contact-files.ts";
import type { FoundClient } from "../../setup/find-clients.ts";

type Examined = { readonly failures: number; readonly settings: Settings; readonly found: readonly FoundClient[] };

/** What the checks come to, in plain words: whether phones ring, where a list to try is, and the one next step. */
export function summaryOf({ failures, settings, found }: Examined): readonly string[] {
  if (failures > 0)
    return [
      `${counted(failures, "thing is", "things are")} wrong.`,
      `Next: mend what is WRONG above, as its line says, and run ${commandText("doctor")} again.`,
    ];
  return ["Everything works.", ...whoRings(settings), nextStep(found)];
}

function whoRings({ upstream, carrier, filesDirs: [folder] }: Settings): readonly string[] {
  if (upstream.kind === "account")
    return [
      "An account is set: calls of the tools are real where it is one for real calls, and a person agrees to each start.",
    ];
  if (isLiveCarrier(carrier))
    return [
      "Calls that `service` places are real. Those of the tools are simulated until BATCH_CALL_API_URL and its keys are set.",
    ];
  return [
    "Calls are simulated: nobody's phone rings, and no account is needed. BATCH_CALL_API_KEY and BATCH_CALL_API_SECRET make them real, and then a person agrees to each start.",
    whereSampleIs(folder),
  ];
}

function whereSampleIs(folder: string): string {
  const sample = sampleList();
  if (existsSync(join(folder, basename(sample)))) return `A list to try it with: ${basename(sample)}, in ${folder}.`;
  return `A list to try it with: ${sample}. Copy it to ${folder}, from where clients read lists.`;
}

function nextStep(found: readonly FoundClient[]): string {
  const ready = found.find(({ entry }) => entry !== undefined);
  if (ready) return `Next: say to ${ready.client.name}, for example: Preview a call to everybody in contacts.csv.`;
  const [first] = found;
  if (first)
    return `Next: ${commandText(`setup ${first.client.id}`)}, which puts this server into ${first.client.name}; it shows what it writes and asks first.`;
  return `Next: ${commandText("setup")} once a client is installed; until then, ${commandText("rehearse")} runs that list on a virtual clock.`;
}
