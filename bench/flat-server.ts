/**
 * The floor: the same work written flat. Parse the line, check every field and number, convert, one POST, answer. With `READ_BACK` what
 * was made is read again and compared, as it is for an API that is not ours.
 */
import { createInterface } from "node:readline";
import { Pool } from "undici";
import { convertFlat, type FlatArguments, type FlatTask } from "./flat-create.ts";

const pageSize = 100;
const pool = new Pool(process.env["STUB_URL"] ?? "");
const headers = { "content-type": "application/json", "x-api-key": "sk_bench", "x-api-secret": "s3cr3t_bench" };

async function create(args: FlatArguments): Promise<unknown> {
  const { body, tasks } = convertFlat(args);
  const { body: answer } = await pool.request({ method: "POST", path: "/batch-call", headers, body });
  const { batch_call_id: id, status } = (await answer.json()) as Record<string, unknown>;
  if (process.env["READ_BACK"] !== undefined) await readBack(String(id), tasks);
  return { batch: { batch_id: id, status } };
}

async function readBack(id: string, sent: readonly FlatTask[]): Promise<void> {
  const { data } = await read(`/batch-call/${id}`);
  const missing = new Set(sent.map(({ to_number }) => to_number));
  for (let page = 0; page * pageSize < sent.length; page++) {
    const { data: listed } = await read(`/batch-call/${id}/tasks?page=${page}&limit=${pageSize}`);
    for (const { to_number } of listed["tasks"] as FlatTask[]) missing.delete(to_number);
  }
  if (data["total"] !== sent.length || missing.size > 0) throw new Error("another batch");
}

async function read(path: string): Promise<{ readonly data: Record<string, unknown> }> {
  const { body } = await pool.request({ method: "GET", path, headers });
  return (await body.json()) as { data: Record<string, unknown> };
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
