import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { longFile, longRequest } from "../support/campaigns/long-list.ts";
import { connectHttp, connectStdio, type TestClient } from "../support/mcp-clients.ts";
import { groupCrashRun } from "../support/process/group-crash.ts";
import { builtProgram, createHome, type Home, type RunningProgram, run } from "../support/process/spawn.ts";
import { waitUntil } from "../support/wait-until.ts";

const people = 2500;
const quick = {
  BATCH_CALL_SIMULATED_SPEED: "100",
  BATCH_CALL_STARTS_PER_SECOND: "10000",
  BATCH_CALL_MAX_CONCURRENT: "100",
};
const answer = z.looseObject({
  batch: z.looseObject({ batch_id: z.string(), status: z.string(), is_paused: z.boolean(), is_final: z.boolean() }),
});

let home: Home;
let program: RunningProgram | undefined;
beforeEach(async () => {
  home = await createHome();
  await mkdir(home.filesDir, { recursive: true });
  await writeFile(join(home.filesDir, "long.csv"), longFile(people));
});
afterEach(async () => {
  await program?.stop("SIGKILL");
  program = undefined;
  await home.remove();
});

describe("a list of 2,500 people from file to export", () => {
  it("over stdio", async () => {
    const client = await connectStdio("sdk v1", await builtProgram(home, [], quick));
    await fromFileToExport(client).finally(() => client.close());
  });

  it("over HTTP", async () => {
    program = run(await builtProgram(home, ["http"], { ...quick, BATCH_CALL_HTTP_PORT: "0" }));
    const [url] = await program.answered(/http:\/\/127\.0\.0\.1:\d+\/mcp/);
    const client = await connectHttp("sdk v2, 2026 era", url);
    await fromFileToExport(client).finally(() => client.close());
  });
});

async function fromFileToExport(client: TestClient): Promise<void> {
  const ask = async (tool: string, args: object) => {
    const { isError, text, structured } = await client.callTool(tool, { ...args });
    expect(isError, text).toBe(false);
    return structured;
  };
  const batchOf = async (tool: string, args: object) => answer.parse(await ask(tool, args)).batch;
  const { batch_id } = await batchOf("create_batch_call", longRequest());
  expect(batch_id).toMatch(/^group_/);
  expect(await batchOf("start_batch", { batch_id, start: "now", expected_recipients: people })).toMatchObject({
    status: "sent",
  });
  expect(await batchOf("pause_batch", { batch_id })).toMatchObject({ is_paused: true });
  expect(await batchOf("resume_batch", { batch_id })).toMatchObject({ is_paused: false });
  const look = async () => (await batchOf("get_batch_status", { batch_id, wait_seconds: 10 })).is_final;
  await waitUntil("the campaign is over", look, 100_000);
  const { path, uri, rows } = await ask("export_batch_results", { batch_id });
  expect(rows).toBe(people);
  const file = path === undefined ? (await fetch(String(uri))).text() : readFile(String(path), "utf8");
  const lines = (await file).trim().split(/\r?\n/);
  expect(lines).toHaveLength(people + 1);
  expect(lines.filter((line) => /(completed|failed)/.test(line))).toHaveLength(people);
}

describe("a campaign whose server is killed at random moments of its creation and start", () => {
  it("has each part once, and rings nobody twice", async () => {
    const program = (args: readonly string[], settings: Record<string, string>) => builtProgram(home, args, settings);
    const report = await groupCrashRun({ home, program, people, kills: 4, random: Math.random });
    expect(report).toMatchObject({ batches: 3, doubled: 0, missing: 0, rungTwice: 0, notRung: 0 });
  });
});
