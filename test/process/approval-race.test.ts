import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createApprovalStore } from "../../src/campaigns/approve/approval-store.ts";
import { openCampaignDatabase } from "../../src/campaigns/records/database.ts";
import { summaryOf } from "../support/campaigns/approval-summary.ts";
import { builtProgram, createHome, type Home, run } from "../support/process/spawn.ts";

const processes = 5;
const triesEach = 10;
const launches = 20;
const compiled = (path: string) =>
  JSON.stringify(pathToFileURL(join(import.meta.dirname, "../../build/src", path)).href);

let home: Home;
beforeEach(async () => {
  home = await createHome();
  await mkdir(home.dataDir);
});
afterEach(() => home.remove());

/** Uses up every approval that it can get, as soon as it is told to, and prints the batches it got. */
function consumer(ledgerPath: string): string {
  return `
    import { openCampaignDatabase } from ${compiled("campaigns/records/database.js")};
    import { createApprovalStore } from ${compiled("campaigns/approve/approval-store.js")};
    const book = createApprovalStore(openCampaignDatabase(${JSON.stringify(ledgerPath)}));
    console.log("ready");
    process.stdin.once("data", () => {
      for (let launch = 0; launch < ${launches}; launch++)
        for (let n = 0; n < ${triesEach}; n++)
          if (book.consume("batch_" + launch, "f", new Date())) console.log("got batch_" + launch);
      process.exit(0);
    });`;
}

it(`an approval starts one launch, though ${processes} processes want it ${triesEach} times each`, async () => {
  const ledgerPath = join(home.dataDir, "ledger.sqlite");
  const database = openCampaignDatabase(ledgerPath);
  const approvals = createApprovalStore(database);
  const batches = Array.from({ length: launches }, (_, n) => `batch_${n}`);
  for (const batchId of batches) {
    const { id } = approvals.ask(summaryOf({ batchId, fingerprint: "f" }), { principal: "local" }, new Date());
    approvals.approve(id, summaryOf().recipients, { channel: "page", principal: "ana" }, new Date());
  }
  database.close();

  const { cwd, env, command } = await builtProgram(home, []);
  const args = ["--input-type=module", "-e", consumer(ledgerPath)];
  const running = Array.from({ length: processes }, () => run({ command, args, cwd, env }));
  await Promise.all(running.map((program) => program.answered(/ready/)));
  for (const { process } of running) process.stdin?.write("go");
  await Promise.all(running.map(async (program) => expect(await program.exited, program.stderr()).toBe(0)));

  const got = running.flatMap((program) => program.stdout().match(/batch_\d+/g) ?? []);
  expect(got.sort()).toEqual(batches.sort());
});
