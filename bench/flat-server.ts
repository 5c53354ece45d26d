/** The floor: the same work written flat. Parse the line, check every field and number, convert, one POST, answer. */
import { createInterface } from "node:readline";
import parsePhoneNumber from "libphonenumber-js/max";
import { Pool } from "undici";

type Task = { to_number: string; dynamic_variables?: Record<string, string> };
type Arguments = { name: string; agent_id: string; from_number: string; tasks: Task[] };

const pool = new Pool(process.env["STUB_URL"] ?? "");

function check({ name, agent_id, from_number, tasks }: Arguments): Task[] {
  if (typeof name !== "string" || name.length > 255 || typeof agent_id !== "string" || typeof from_number !== "string")
    throw new Error("bad field");
  if (!Array.isArray(tasks) || tasks.length > 1000) throw new Error("bad tasks");
  const seen = new Set<string>();
  const converted: Task[] = [];
  for (const { to_number, dynamic_variables = {} } of tasks) {
    const parsed = parsePhoneNumber(to_number, { defaultCountry: "US", extract: false });
    if (!parsed?.isValid()) throw new Error("bad number");
    for (const value of Object.values(dynamic_variables))
      if (typeof value !== "string") throw new Error("bad variable");
    if (Buffer.byteLength(JSON.stringify(dynamic_variables)) > 5120) throw new Error("too large");
    if (seen.has(parsed.number) || parsed.number === from_number) continue;
    seen.add(parsed.number);
    converted.push({ to_number: parsed.number, dynamic_variables });
  }
  return converted;
}

async function create(args: Arguments): Promise<unknown> {
  const tasks = check(args);
  const body = JSON.stringify({
    from_number: args.from_number,
    name: args.name,
    agent_id: args.agent_id,
    tasks,
    status: "draft",
    send_now: false,
    timezone: "UTC",
  });
  const headers = { "content-type": "application/json", "x-api-key": "sk_bench", "x-api-secret": "s3cr3t_bench" };
  const { body: answer } = await pool.request({ method: "POST", path: "/batch-call", headers, body });
  const { batch_call_id, status } = (await answer.json()) as Record<string, unknown>;
  return { batch: { batch_id: batch_call_id, status } };
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) continue;
  const structuredContent = method === "tools/call" ? await create(params.arguments) : {};
  process.stdout.write(
    `${JSON.stringify({ jsonrpc: "2.0", id, result: { content: [{ type: "text", text: "ok" }], structuredContent } })}\n`,
  );
}
await pool.close();
