import { readdir } from "node:fs/promises";
import type { BatchCallApi } from "../../src/client/api.ts";
import { silentLog } from "../../src/lib/log.ts";
import { serveOverStdio } from "../../src/mcp/stdio.ts";
import { selectTools } from "../../src/tools/index.ts";
import { createPipe } from "../mcp/wire.ts";
import { type Person as AtForm, connectPipe, type TestClient } from "../support/mcp-clients.ts";
import { agentId, fromNumber, startWorld, type World } from "../support/world.ts";
import type { EarlierBatch, Person, Setting } from "./request.ts";

/** What is true of the world at one moment. */
export type Facts = {
  /** Numbers whose phones rang since the person wrote, oldest first. */
  readonly rings: readonly string[];
  /** Each as get_batch_status tells it. */
  readonly batches: readonly ({ readonly name: string } & Record<string, unknown>)[];
  readonly doNotCall: readonly string[];
  readonly files: readonly string[];
};

/** Nothing rings by the time a call of these ends, so that what is running stays so while a model thinks. */
const longCallMs = 20 * 60_000;
const thinkingSeconds = 5;

/** The whole product behind a client of the protocol, with a clock that moves only as it is used. */
export class EvalWorld {
  readonly client: TestClient;
  readonly #world: World;
  readonly #end: () => Promise<void>;
  #rangBefore = 0;

  private constructor(world: World, client: TestClient, end: () => Promise<void>) {
    this.#world = world;
    this.client = client;
    this.#end = end;
  }

  static async start(setting: Setting = {}): Promise<EvalWorld> {
    const world = await startWorld({
      ...(setting.isLive && { carrierEnvironment: "live" }),
      service: { maxConcurrent: 1, minHoursBetweenBatches: 0, testNumbers: setting.policy?.testNumbers ?? [] },
      policy: { minHoursBetweenBatches: 0, ...setting.policy },
      ...(setting.moreAgents && { watchApi: withAgents(setting.moreAgents) }),
    });
    const { input, output } = createPipe();
    const ending = new AbortController();
    const over = serveOverStdio({
      tools: selectTools({
        isReadOnly: setting.isReadOnly ?? false,
        ...(setting.toolsets && { toolsets: setting.toolsets }),
        hasTestNumbers: setting.policy?.testNumbers !== undefined,
      }),
      resources: [],
      prompts: [],
      makeContext: (caller) => ({ ...world.context, ...caller }),
      version: "1.0.0",
      log: silentLog,
      signal: ending.signal,
      input,
      output,
    });
    const client = await connectPipe("sdk v2, 2025 era", { input, output }, toPerson(setting.form));
    const made = new EvalWorld(world, client, async () => {
      await client.close();
      ending.abort();
      await over;
      await world.stop();
    });
    await made.#set(setting);
    return made;
  }

  /** Makes a call as a model does, which thinks for some seconds first. A call that waits lets time pass. */
  async call(name: string, args: Record<string, unknown>) {
    await this.pass({ seconds: thinkingSeconds });
    const answer = this.client.callTool(name, args);
    return args["wait_seconds"] === undefined ? answer : this.#world.whileTimePasses(answer);
  }

  pass(time: { readonly minutes?: number; readonly seconds?: number; readonly hours?: number }): Promise<void> {
    return this.#world.clock.advance(time);
  }

  /** What time it is for whoever writes. */
  now(): Date {
    return this.#world.clock.now();
  }

  async facts(): Promise<Facts> {
    const { batches, test_calls: tests = [] } = await this.#world.tool("list_batches", { limit: 100 });
    const ids: string[] = [...tests, ...batches].map(({ batch_id: id }: { batch_id: string }) => id);
    const read = async (id: string) => {
      const { batch, rules } = await this.#world.tool("get_batch_status", { batch_id: id });
      return { ...batch, name: withoutMarker(batch.name), rules };
    };
    const { listed } = await this.#world.tool("check_do_not_call", { limit: 100 });
    return {
      rings: this.#world.carrier.rings.slice(this.#rangBefore).map(({ toNumber }) => toNumber),
      batches: await Promise.all(ids.map(read)),
      doNotCall: listed.map(({ number }: { number: string }) => number),
      files: await readdir(this.#world.filesDir).catch(() => []),
    };
  }

  stop(): Promise<void> {
    return this.#end();
  }

  async #set({ files = {}, doNotCall = [], batches = [], calls = {} }: Setting): Promise<void> {
    const { carrier } = this.#world;
    for (const [number, { outcomes, said, answers }] of Object.entries(calls)) {
      if (outcomes) carrier.script(number, ...outcomes);
      if (said) carrier.say(number, said);
      if (answers) carrier.answers.set(number, answers);
    }
    for (const batch of batches) await this.#make(batch);
    for (const { number, ...others } of doNotCall)
      await this.#world.tool("update_do_not_call_list", { action: "add", numbers: [number], ...others });
    for (const [name, text] of Object.entries(files)) await this.#world.file(name, text);
    this.#rangBefore = carrier.rings.length;
  }

  async #make({ name, people, state, args }: EarlierBatch): Promise<void> {
    const world = this.#world;
    world.carrier.callMs = state === "running" || state === "paused" ? longCallMs : 30_000;
    const agree = () => world.person.willAnswer({ kind: "accepted", typedRecipients: people.length });
    const order = {
      name,
      agent_id: agentId,
      from_number: fromNumber,
      tasks_csv: toCsv(people),
      columns: { first_name: "Name" },
    };
    const isLive = world.carrier.environment === "live";
    if (isLive && state !== "draft") agree();
    const start = { draft: "draft", scheduled: "at_time", running: "now", paused: "now", completed: "now" }[state];
    const at = state === "scheduled" && { start_at: "2026-03-05T10:00", timezone: "America/New_York" };
    const { batch } = await world.tool("create_batch_call", { ...order, start, ...at, ...args });
    await this.pass({ seconds: 10 });
    if (state === "paused") await world.tool("pause_batch", { batch_id: batch.batch_id });
    if (state === "completed") await this.pass({ minutes: 2 + people.length * 3 });
    if (state !== "running") world.carrier.callMs = 30_000;
  }
}

/** A list as somebody has it in a file. */
export function toCsv(people: readonly Person[]): string {
  const columns = Object.keys(people[0] ?? {});
  const rows = people.map((person) => columns.map((column) => `"${(person[column] ?? "").replaceAll('"', '""')}"`));
  return [columns, ...rows].map((cells) => cells.join(",")).join("\n");
}

/** Who is at the client: they type the number of people that the form names first. */
function toPerson(form: Setting["form"]): AtForm | undefined {
  if (form === undefined) return undefined;
  if (form === "declines") return () => ({ action: "decline" });
  return ({ message }) => ({
    action: "accept",
    content: { recipients: Number(/\d+/.exec(message)?.[0]), agree: true },
  });
}

/** A batch of real calls has a marker in its name, by which a create is recognized. */
function withoutMarker(name: string): string {
  return name.replace(/ \[bc-\w+\]$/, "");
}

function withAgents(names: readonly string[]): (api: BatchCallApi) => BatchCallApi {
  return (api) => ({
    ...api,
    async listAgents(query) {
      const page = await api.listAgents(query);
      const more = names.map((name, n) => ({
        agentId: `agent_00000000-0000-4000-8000-00000000000${n}`,
        name,
        variables: [],
      }));
      return { ...page, rows: [...page.rows, ...more] };
    },
  });
}
