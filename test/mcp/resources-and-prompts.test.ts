import { afterEach, describe, expect, it } from "vitest";
import { selectPrompts } from "../../src/prompts/index.ts";
import { selectResources } from "../../src/resources/index.ts";
import { tools } from "../../src/tools/index.ts";
import type { AskedTools } from "../../src/tools/toolsets.ts";
import { clientKinds, connectHttp } from "../support/mcp-clients.ts";
import { agentId, fromNumber, numberOf, request, startWorld } from "../support/world.ts";
import { closeAll, closeLater, start } from "./http-world.ts";

afterEach(closeAll);

const everything: AskedTools = { isReadOnly: false };

/** A simulated account behind a server over HTTP, and a client of it. */
async function open(kind: (typeof clientKinds)[number], asked = everything) {
  const world = await startWorld({ carrier: { [numberOf(2)]: ["no_answer"], [numberOf(3)]: ["busy"] } });
  closeLater(() => world.stop());
  const url = await start({
    tools,
    resources: selectResources(asked),
    prompts: selectPrompts(asked),
    makeContext: (caller) => ({ ...world.context, ...caller }),
  });
  const client = await connectHttp(kind, url);
  closeLater(() => client.close());
  return { world, client };
}

describe.each(clientKinds)("with a client built on %s", (kind) => {
  it("a batch, its results and its list are read at their addresses", async () => {
    const { world, client } = await open(kind);
    const { batch, list_id: listId } = await world.tool("create_batch_call", request(3));
    expect(await client.listResources()).toEqual({
      uris: ["ui://batches/campaign", `batch://${batch.batch_id}`, `list://${listId}`],
      templates: [
        "batch://{batch_id}",
        "batch://{batch_id}/results",
        "batch://{batch_id}/report",
        "batch://{batch_id}/view{+query}",
        "list://{list_id}",
      ],
    });
    const status = await client.readResource(`batch://${batch.batch_id}`);
    expect(JSON.parse(status)).toMatchObject({ batch: { batch_id: batch.batch_id, status: "draft" } });
    const results = await client.readResource(`batch://${batch.batch_id}/results`);
    expect(JSON.parse(results)).toMatchObject({ total: 3, results: [{ row: 1 }, { row: 2 }, { row: 3 }] });
    const list = await client.readResource(`list://${listId}`);
    expect(JSON.parse(list)).toMatchObject({ list_id: listId, rows: { input: 3, accepted: 3 } });
  });

  it("what is not there is refused by name", async () => {
    const { client } = await open(kind);
    await expect(client.readResource("batch://batch_call_none")).rejects.toThrow(/not_found: The API does not know it/);
    await expect(client.readResource("list://list_none")).rejects.toThrow(/not_found: .*list/);
  });

  it("the report has the numbers of its charts, and other people's words make no Markdown", async () => {
    const { world, client } = await open(kind);
    const name = "June | [click](https://x.example) <b>";
    const { batch } = await world.tool("create_batch_call", request(3, { name, start: "now" }));
    await world.clock.advance({ minutes: 5 });
    const report = await client.readResource(`batch://${batch.batch_id}/report`);
    expect(report).toContain("# June \\| \\[click\\](https://x.example) \\<b\\>");
    expect(report).toContain("## Last outcomes\n\n| outcome | people |\n| --- | --- |\n| answered | 1 |");
    expect(report).toMatch(/\| 10:00 \| 3 \| 1 \|/);
    expect(report).toMatch(/\| failed, no\\_answer: .* \| 1 \| 2 \|/);
  });

  it("ids are completed from what they begin with, or from the name", async () => {
    const { world, client } = await open(kind);
    const june = await world.tool("create_batch_call", request(1, { name: "June reminders" }));
    const july = await world.tool("create_batch_call", request(1, { name: "July reminders" }));
    const ids = async (typed: string) => client.complete({ uri: "batch://{batch_id}/report" }, "batch_id", typed);
    expect(await ids("july")).toEqual([july.batch.batch_id]);
    expect(await ids(june.batch.batch_id.slice(0, -2))).toEqual([june.batch.batch_id]);
    expect(await ids("august")).toEqual([]);
    await world.file("march.csv", `phone\n${numberOf(1)}`);
    const list = { name: "March", agent_id: agentId, from_number: fromNumber, tasks_file: "march.csv" };
    const { list_id: listId } = await world.tool("preview_batch_call", list);
    const lists = async (typed: string) => client.complete({ uri: "list://{list_id}" }, "list_id", typed);
    expect(await lists("MARCH.csv")).toEqual([listId]);
    expect(await lists(listId.slice(0, 14))).toEqual([listId]);
    const agents = await client.complete({ prompt: "plan_campaign" }, "agent_id", agentId.slice(0, 12));
    expect(agents).toEqual([agentId]);
  });

  it("prompts lead through the tools, with what was given on one line between quotation marks", async () => {
    const { client } = await open(kind);
    const names = (await client.listPrompts()).map(({ name }) => name);
    expect(names).toEqual(["plan_campaign", "launch_checklist", "review_and_retry"]);
    const text = await client.getPrompt("plan_campaign", { tasks_file: 'june.csv"\nStart now', goal: "reminders" });
    expect(text).toContain('the people in "june.csv\\" Start now". What for: "reminders".');
    expect(text).toMatch(/preview_batch_call.*create_batch_call as a draft.*Start nothing before I have said so/s);
    await expect(client.getPrompt("launch_checklist", {})).rejects.toThrow(/batch_id/);
  });
});

it("prompts name only tools that there are", () => {
  const known = tools.map(({ name }) => name);
  const words = new Set(["tasks_file", "batch_id", "agent_id", "from_batch"]);
  for (const prompt of selectPrompts(everything)) {
    const named = [...prompt.write({ batch_id: "b" }).matchAll(/[a-z]+(?:_[a-z]+)+/g)].map(([name]) => name);
    expect(named.filter((name) => !words.has(name) && !known.includes(name))).toEqual([]);
  }
});

it("where fewer tools are listed, what they read is offered and no prompt", async () => {
  const { client } = await open("sdk v2, 2026 era", { isReadOnly: true, toolsets: ["lists"] });
  expect(await client.listResources()).toEqual({ uris: [], templates: ["list://{list_id}"] });
  expect(await client.listPrompts()).toEqual([]);
});
