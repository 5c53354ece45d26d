/**
 * The whole life of a batch through a real MCP client over stdio, in the simulated environment. With `--carrier hosted`: through a service
 * whose queue stands in front of a stand-in of the hosted API, which takes its calls for real, so that a person has to agree.
 */
import { copyFile, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";
import { type HostedService, startHostedService } from "../test/support/process/hosted-service.ts";
import { builtProgram, createHome } from "../test/support/process/spawn.ts";
import { parseOptions } from "./parse-options.ts";

const { values: options } = parseOptions({ options: { carrier: { type: "string", default: "simulated" } } });
if (!["simulated", "hosted"].includes(options.carrier)) {
  console.error("--carrier takes simulated or hosted.");
  process.exit(2);
}

const root = fileURLToPath(new URL("../../", import.meta.url));
const home = await createHome();
await mkdir(home.filesDir, { recursive: true });
await copyFile(join(root, "examples", "contacts.csv"), join(home.filesDir, "contacts.csv"));
const serviceHome = await createHome();
const hosted = options.carrier === "hosted" ? await startProvider() : undefined;

const transport = new StdioClientTransport(
  await builtProgram(home, [], {
    BATCH_CALL_DEFAULT_COUNTRY: "US",
    BATCH_CALL_TIMEZONE: "America/New_York",
    BATCH_CALL_LOG_LEVEL: "warn",
    ...(hosted?.clientSettings ?? { BATCH_CALL_SIMULATED_SPEED: "15" }),
  }),
);
const client = new Client({ name: "demo", version: "1.0.0" }, { capabilities: { elicitation: {} } });

/** People behind the hosted API: by the last figure of their numbers some do not answer, and who does says something. */
async function startProvider(): Promise<HostedService> {
  const provider = await startHostedService(serviceHome, { BATCH_CALL_LOG_LEVEL: "warn" });
  const { phones } = provider;
  phones.callMs = 1_000;
  const words = ["confirmed", "confirmed", "wants another day", "cancels"];
  phones.custom = (number) => ({ appointment: words[Number(number.at(-1)) % words.length] });
  phones.outcomeOf = (number) => (["no_answer", "voicemail", "busy"] as const)[Number(number.at(-1))];
  return provider;
}

/** A person reads the form and types the number of people in it. */
client.setRequestHandler(ElicitRequestSchema, ({ params: { message } }) => {
  heading("A person is asked, because the calls are real, and agrees");
  for (const line of message.split("\n")) console.log(`  ${line}`);
  return { action: "accept", content: { recipients: Number(/\d+/.exec(message)?.[0]), agree: true } };
});

const textResult = z.object({
  content: z.array(z.object({ type: z.literal("text"), text: z.string() })),
  isError: z.boolean().optional(),
});
const batchResult = z.object({
  batch: z.object({
    batch_id: z.string(),
    status: z.string(),
    is_final: z.boolean(),
    percent_done: z.number(),
    counts: z.record(z.string(), z.number()),
    outcomes: z.record(z.string(), z.number()).optional(),
    answers: z.array(z.object({ text: z.string() })).optional(),
  }),
});
const resultsPage = z.object({
  results: z.array(
    z.object({
      row: z.number().optional(),
      to_number: z.string(),
      status: z.string(),
      outcome: z.string().optional(),
      attempts: z.number(),
      call_id: z.string().optional(),
      answers: z.array(z.object({ name: z.string(), value: z.string() })).optional(),
    }),
  ),
  next_cursor: z.string().optional(),
});

/** Calls a tool and answers its structured content; an error answer ends the demo with its text. */
async function call<S extends z.ZodType>(name: string, args: Record<string, unknown>, schema: S): Promise<z.output<S>> {
  const answer = await client.callTool({ name, arguments: args });
  const { content, isError } = textResult.parse(answer);
  if (isError) throw new Error(`${name}: ${content.map((part) => part.text).join("\n")}`);
  return schema.parse(answer.structuredContent);
}

function heading(text: string): void {
  console.log(`\n\u001b[1m${text}\u001b[0m`);
}

function progressBar({ percent_done, counts }: z.output<typeof batchResult>["batch"]): string {
  const filled = Math.round(percent_done * 0.3);
  const parts = ["pending", "calling", "completed", "failed"].map((name) => `${name} ${counts[name] ?? 0}`);
  return `${"█".repeat(filled)}${"░".repeat(30 - filled)} ${String(percent_done).padStart(3)} %  ${parts.join(" · ")}`;
}

async function status(batchId: string, waitSeconds = 0): Promise<z.output<typeof batchResult>["batch"]> {
  return (await call("get_batch_status", { batch_id: batchId, wait_seconds: waitSeconds }, batchResult)).batch;
}

async function showProgressUntil(
  batchId: string,
  done: (batch: z.output<typeof batchResult>["batch"]) => boolean,
): Promise<void> {
  let shown = "";
  for (;;) {
    const batch = await status(batchId, 1);
    const bar = progressBar(batch);
    if (bar !== shown) process.stdout.write(process.stdout.isTTY ? `\r${bar}` : `${bar}\n`);
    shown = bar;
    if (done(batch)) break;
  }
  if (process.stdout.isTTY) process.stdout.write("\n");
}

async function run(): Promise<void> {
  const startedAt = Date.now();
  await client.connect(transport);
  heading(
    `Connected: ${client.getServerVersion()?.name} ${client.getServerVersion()?.version}, ${(await client.listTools()).tools.length} tools`,
  );

  const agentsSchema = z.object({
    agents: z.array(
      z.object({ agent_id: z.string(), agent_name: z.string(), variables: z.array(z.string()).optional() }),
    ),
  });
  const { agents } = await call("list_agents", {}, agentsSchema);
  heading("Agents");
  for (const agent of agents)
    console.log(`  ${agent.agent_name.padEnd(28)} ${agent.agent_id}  {${agent.variables?.join(", ") ?? ""}}`);
  const numbersSchema = z.object({
    phone_numbers: z.array(z.object({ phone_number: z.string(), country: z.string().optional() })),
  });
  const { phone_numbers: callerIds } = await call("list_phone_numbers", {}, numbersSchema);
  heading("Caller ids");
  for (const callerId of callerIds) console.log(`  ${callerId.phone_number} ${callerId.country ?? ""}`);

  const [agent] = agents;
  const [callerId] = callerIds;
  if (!agent || !callerId) throw new Error("the simulated account has no agent or caller id");
  const list = {
    name: "Demo reminders",
    agent_id: agent.agent_id,
    from_number: callerId.phone_number,
    tasks_file: "contacts.csv",
    // Towards the hosted API answers are what the agent's own analysis is set to find.
    ...(!hosted && {
      answers_wanted: [
        { name: "appointment", meaning: "Do you come?", choices: ["confirmed", "wants another day", "cancels"] },
      ],
    }),
  };

  const rowsSchema = z.object({
    rows: z.record(z.string(), z.number()),
    issues: z.array(z.object({ row: z.number().optional(), message: z.string() })),
  });
  const preview = await call("preview_batch_call", list, rowsSchema);
  heading("Preview of contacts.csv (nothing sent)");
  console.log(
    `  ${Object.entries(preview.rows)
      .map(([name, count]) => `${name} ${count}`)
      .join(" · ")}`,
  );
  for (const issue of preview.issues) console.log(`  row ${issue.row}: ${issue.message}`);

  const createdSchema = z.object({
    batch: z.object({ batch_id: z.string(), status: z.string() }),
    replayed: z.boolean(),
  });
  const { batch } = await call("create_batch_call", list, createdSchema);
  const again = await call("create_batch_call", list, createdSchema);
  heading(`Created ${batch.batch_id}: ${batch.status}`);
  console.log(`  the same list again is the same batch: ${again.batch.batch_id === batch.batch_id && again.replayed}`);

  await call("start_batch", { batch_id: batch.batch_id, start: "now" }, z.unknown());
  heading("Started");
  await showProgressUntil(batch.batch_id, ({ counts }) => (counts["pending"] ?? 0) <= 18);

  await call("pause_batch", { batch_id: batch.batch_id }, z.unknown());
  heading("Paused: calls in progress end, no new one starts");
  await showProgressUntil(batch.batch_id, ({ counts }) => counts["calling"] === 0);

  await call("resume_batch", { batch_id: batch.batch_id }, z.unknown());
  heading("Resumed");
  await showProgressUntil(batch.batch_id, ({ is_final }) => is_final);

  heading("Results");
  console.log(
    `  ${"row".padEnd(4)}${"number".padEnd(18)}${"status".padEnd(12)}${"outcome".padEnd(11)}attempts  answer`,
  );
  const { results } = await call("get_batch_results", { batch_id: batch.batch_id, limit: 100 }, resultsPage);
  for (const row of results) {
    console.log(
      `  ${String(row.row ?? "").padEnd(4)}${row.to_number.padEnd(18)}${row.status.padEnd(12)}${(row.outcome ?? "").padEnd(11)}${String(row.attempts).padEnd(10)}${row.answers?.map(({ value }) => value).join(", ") ?? ""}`,
    );
  }
  const { answers = [] } = await status(batch.batch_id);
  heading("What people answered");
  for (const { text } of answers) console.log(`  ${text}`);
  const answered = results.find((row) => row.outcome === "answered" && row.call_id);
  if (answered?.call_id) {
    const { call: details } = await call(
      "get_call",
      { call_id: answered.call_id },
      z.object({ call: z.object({ transcript: z.string().optional(), summary: z.string().optional() }) }),
    );
    heading(`One answered call (row ${answered.row})`);
    console.log(`  ${details.summary ?? ""}\n  ${(details.transcript ?? "").split("\n").join("\n  ")}`);
  }
  const exported = await call(
    "export_batch_results",
    { batch_id: batch.batch_id, format: "csv" },
    z.object({ path: z.string(), rows: z.number() }),
  );
  heading(`Exported ${exported.rows} rows to a CSV file:`);
  console.log(
    (await readFile(exported.path, "utf8"))
      .split("\n")
      .slice(0, 4)
      .map((line) => `  ${line}`)
      .join("\n"),
  );
  const nobody = hosted
    ? `The stand-in of the hosted API rang ${hosted.phones.rung.length} phones, ${twice(hosted)} of them twice; none is real.`
    : "Nobody's phone rang: the environment is simulated.";
  heading(`Done in ${((Date.now() - startedAt) / 1000).toFixed(1)} s. ${nobody}`);
}

function twice({ phones }: HostedService): number {
  return [...phones.counts.values()].filter((times) => times > 1).length;
}

try {
  await run();
} finally {
  await client.close();
  await hosted?.stop();
  await home.remove();
  await serviceHome.remove();
}
