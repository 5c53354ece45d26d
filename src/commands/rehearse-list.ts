import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createDiskFolders } from "../contacts/disk-folders.ts";
import { organizationOwner } from "../domain/access.ts";
import { Problem } from "../domain/problem.ts";
import { warningsOf } from "../lib/log.ts";
import { inHome } from "../lib/system.ts";
import type { CommandContext } from "../runtime/command-context.ts";
import { sampleList } from "../runtime/contact-files.ts";
import { openSession } from "../runtime/session.ts";
import { readInput } from "../tools/arguments/parse-input.ts";
import { previewBatchCallTool } from "../tools/preview-batch-call.ts";

export type RehearseOptions = { readonly from?: string; readonly agent?: string; readonly at?: string };

/** Runs a list on a virtual clock, by the settings and with the first agent and caller id unless others are given, and prints what came of it. */
export async function runRehearseList(
  { settings, platform, log, signal, print }: CommandContext,
  list: string | undefined,
  { from, agent, at }: RehearseOptions,
): Promise<number> {
  const file = list === undefined ? sampleList() : resolve(inHome(list));
  // Records of its own: a service that starts by itself on those of the settings would dial what waits there.
  const dataDir = await mkdtemp(join(tmpdir(), "batch-call-rehearsal-"));
  const files = createDiskFolders([dirname(file)], { dataDir });
  const session = await openSession({ settings: { ...settings, dataDir }, platform, log: warningsOf(log) }, { files });
  try {
    const context = session.served.makeContext({
      principal: "local",
      owner: organizationOwner,
      access: { kind: "all" },
      askPerson: async () => ({ kind: "unsupported" }),
      signal,
    });
    const [firstAgent] = (await context.api.listAgents({ page: 0, limit: 1 })).rows;
    const [firstNumber] = (await context.api.listPhoneNumbers({ page: 0, limit: 1 })).rows;
    const [agentId, fromNumber] = [agent ?? firstAgent?.agentId, from ?? firstNumber?.phoneNumber];
    if (agentId === undefined || fromNumber === undefined)
      throw new Problem(
        "not_found",
        "the account has no agent or no number to call from, so nothing can be rehearsed.",
      );
    const asked = {
      name: "Rehearsal",
      agent_id: agentId,
      from_number: fromNumber,
      tasks_file: file,
      rehearse: true,
      ...(at === undefined ? { start: "now" } : { start: "at_time", start_at: at }),
    };
    const input = await readInput(previewBatchCallTool, asked, context);
    print(`${file}, from ${fromNumber}\n`);
    print(previewBatchCallTool.summarize(await previewBatchCallTool.run(input, context)));
    return 0;
  } finally {
    await session.close();
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
  }
}
