import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { BatchCallApi } from "../../src/client/api.ts";
import { Problem } from "../../src/domain/problem.ts";
import { silentLog } from "../../src/lib/log.ts";
import type { ServedTools } from "../../src/mcp/served.ts";
import { serveOverStdio } from "../../src/mcp/stdio.ts";
import { tools } from "../../src/tools/index.ts";
import { serveOne } from "../support/http/serve-one.ts";
import { connectHttp, connectPipe, type TestClient } from "../support/mcp-clients.ts";
import { usNumber } from "../support/us-numbers.ts";
import { agentId, fromNumber, numberOf, startWorld, type World } from "../support/world.ts";
import { createPipe } from "./wire.ts";

let world: World;
let client: TestClient;
const stops: (() => Promise<void>)[] = [];
/** Requests of the API to start a batch fail as long as this says so; `place` counts them from 1. */
let failsToStart: (place: number) => boolean;

const transports = {
  async stdio(served: ServedTools): Promise<TestClient> {
    const { input, output } = createPipe();
    const ending = new AbortController();
    const over = serveOverStdio({ ...served, signal: ending.signal, input, output });
    stops.push(async () => {
      ending.abort();
      await over;
    });
    return connectPipe("sdk v2, 2026 era", { input, output });
  },
  async http(served: ServedTools): Promise<TestClient> {
    const server = await serveOne({ ...served, host: "127.0.0.1", port: 0 });
    stops.push(() => server.close());
    return connectHttp("sdk v2, 2026 era", server.url);
  },
};

/** What the API says as it refuses, so that the first part of it stands for all. */
const busy = new Problem("unavailable", "The API is busy.");

describe.each(["stdio", "http"] as const)("over %s, with a client of the SDK", (transport) => {
  beforeEach(async () => {
    failsToStart = () => false;
    let starts = 0;
    world = await startWorld({
      carrier: { [numberOf(1)]: ["busy"] },
      watchApi: (api): BatchCallApi => ({
        ...api,
        async executeBatch(...given) {
          if (failsToStart(++starts)) throw busy;
          return api.executeBatch(...given);
        },
      }),
    });
    const of = transport === "http" ? world.another({}, "http") : world;
    const makeContext: ServedTools["makeContext"] = (caller) => ({ ...of.context, ...caller });
    client = await transports[transport]({
      tools,
      resources: [],
      prompts: [],
      makeContext,
      version: "1.0.0",
      log: silentLog,
    });
    stops.push(() => client.close());
  });
  afterEach(async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
    await world.stop();
  });

  const csv = (rows: readonly string[]) => ["name,phone,zone", ...rows].join("\n");
  const args = (changes: object) => ({ name: "June", agent_id: agentId, from_number: fromNumber, ...changes });
  const people = csv([
    `Ann,${numberOf(1)},America/New_York`,
    `Bob,${numberOf(2)},Europe/Berlin`,
    `Cy,${numberOf(3)},America/Chicago`,
  ]);
  const tool = async (name: string, given: object) => {
    const answer = await client.callTool(name, { ...given });
    if (answer.isError) throw new Error(answer.text);
    // biome-ignore lint/suspicious/noExplicitAny: tests say what they expect of each field
    return answer.structured as Record<string, any>;
  };
  const refusal = async (name: string, given: object): Promise<string> => {
    const answer = await client.callTool(name, { ...given });
    expect(answer.isError).toBe(true);
    return answer.text;
  };

  /** Makes the call that a refusal names, and answers with the list that comes of it. */
  async function leaveOut(text: string): Promise<string> {
    const [, list_id, rows = ""] = /change_list \{list_id: "(list_\w+)", leave_out: \[([^\]]+)\]\}/.exec(text) ?? [];
    const changed = await tool("change_list", { list_id, leave_out: JSON.parse(`[${rows}]`) });
    return changed["list_id"];
  }

  test("a time that a zone of the list does not have: the rows, and the call that leaves them out", async () => {
    const order = { start: "at_time", start_at: "2026-03-08T02:30", timezone: "recipient" };
    const text = await refusal("create_batch_call", args({ tasks_csv: people, ...order }));
    expect(text).toMatch(/^invalid_input: .*Nothing was created\./);
    expect(text).toContain("2026-03-08T02:30 does not exist in");
    expect(text).toContain("rows 2 and 4");
    expect(text).toContain("Write 2026-03-08T03:00 or later");
    const list_id = await leaveOut(text);
    const { batch, rows } = await tool(
      "create_batch_call",
      args({ list_id, ...order, start: "draft", start_at: undefined }),
    );
    expect([batch.status, rows.accepted]).toEqual(["draft", 1]);
    expect((await tool("preview_batch_call", args({ list_id, ...order })))["rows"]).toMatchObject({ accepted: 1 });
  });

  test("hours that leave somebody no minute: the rows, and the call that leaves them out; nobody any, the hours", async () => {
    // Idaho has two zones, and a number there may be in either.
    const mixed = csv([`Ann,${numberOf(1)},America/New_York`, "Ed,+12085550101,"]);
    const quiet = { enabled: true, start_time: "12:00", end_time: "11:00", timezone: "recipient" };
    const text = await refusal("create_batch_call", args({ tasks_csv: mixed, quiet_hours: quiet }));
    expect(text).toContain("Nothing was created.");
    expect(text).toMatch(
      /No time of day is outside quiet hours 12:00-11:00 on every clock that may be theirs, for row 3/,
    );
    const list_id = await leaveOut(text);
    const { rows } = await tool("create_batch_call", args({ list_id, quiet_hours: quiet }));
    expect(rows).toMatchObject({ accepted: 1, refused: 1 });
    const nobody = await refusal(
      "create_batch_call",
      args({ tasks_csv: csv(["Ed,+12085550101,"]), quiet_hours: quiet, name: "Nobody" }),
    );
    expect(nobody).toContain("for row 2");
    expect(nobody).toContain("shorten quiet_hours");
    expect(nobody).not.toContain("change_list {");
  });

  test("a part that fails while others run: which one, with its rows, which run, and the same call goes on", async () => {
    const rows = Array.from({ length: 2005 }, (_, n) => `P${n},${usNumber(n)},`);
    const { batch } = await tool("create_batch_call", args({ tasks_csv: csv(rows) }));
    failsToStart = (place) => place === 2;
    const order = { batch_id: batch.batch_id, start: "now" };
    const text = await refusal("start_batch", order);
    expect(text).toMatch(/^unavailable: group_\w+: 1 of 3 parts could not be started\. Parts \d, \d of 3: started\./);
    const [, part = "", first, last] =
      /part (\d) \(batch_call_\w+, rows (\d+) to (\d+)\): The API is busy\./.exec(text) ?? [];
    const spans: Readonly<Record<string, readonly string[]>> = {
      1: ["2", "1001"],
      2: ["1002", "2001"],
      3: ["2002", "2006"],
    };
    expect([first, last]).toEqual(spans[part]);
    expect(text).toContain("Look with get_batch_status, and repeat the call for what is left.");
    expect((await tool("start_batch", order))["batch"].status).toBe("sent");
  });

  test("an export of a batch whose list was deleted: what is there, what is not, and the call for a retry", async () => {
    const made = await tool("create_batch_call", args({ tasks_csv: people, start: "now" }));
    await world.clock.advance({ hours: 1 });
    await tool("delete_list", { list_id: made["list_id"] });
    const batch_id = made["batch"].batch_id;
    const { text, isError, structured } = await client.callTool("export_batch_results", { batch_id });
    expect([isError, structured["rows"]]).toEqual([false, 3]);
    expect(text).toContain("The batch has no list that is kept");
    expect(text).toContain("everybody whom it has is there, with number, outcome and times");
    expect(text).toContain("the columns of the list and its rows that were not called are not");
    expect(text).toContain(`preview_batch_call {from_batch: {batch_id: "${batch_id}"}}`);
    const columns = await refusal("get_batch_results", { batch_id, columns: ["name"] });
    expect(columns).toContain("no list that is kept");
    const retry = await tool("preview_batch_call", args({ from_batch: { batch_id }, name: "Again" }));
    expect(retry["rows"]).toMatchObject({ accepted: 1 });
  });

  test("a retry of a batch with nobody left: what its people came to, and what calls somebody", async () => {
    const one = csv([`Bob,${numberOf(2)},`, `Cy,${numberOf(3)},`]);
    const made = await tool("create_batch_call", args({ tasks_csv: one, start: "now" }));
    const batch_id = made["batch"].batch_id;
    const early = await refusal("create_batch_call", args({ from_batch: { batch_id }, name: "Early" }));
    expect(early).toMatch(/still to be called|2 answered/);
    await world.clock.advance({ hours: 1 });
    const text = await refusal("create_batch_call", args({ from_batch: { batch_id }, name: "Again" }));
    expect(text).toMatch(/^invalid_input: .*Nothing was created\./);
    expect(text).toContain(
      `Nobody of ${batch_id} ("June") has the result no_answer, busy, failed. It has: 2 answered.`,
    );
    expect(text).toContain(`get_batch_results {batch_id: "${batch_id}"}`);
    expect((await tool("list_batches", {}))["batches"]).toHaveLength(1);
  });
});
