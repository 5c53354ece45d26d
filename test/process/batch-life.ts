import { expect } from "vitest";
import { z } from "zod";
import type { TestClient, ToolAnswer } from "../support/mcp-clients.ts";
import { waitUntil } from "../support/wait-until.ts";

/** Settings under which a small batch takes seconds: long enough to be paused, short enough to be watched. */
export const lifeSettings = { BATCH_CALL_SIMULATED_SPEED: "200", BATCH_CALL_STARTS_PER_SECOND: "5" };

const recipients = 12;
const batchSchema = z.object({
  batch_id: z.string(),
  name: z.string(),
  status: z.string(),
  is_paused: z.boolean(),
});
const statusSchema = batchSchema.extend({
  counts: z.record(z.string(), z.number()),
  is_final: z.boolean(),
  environment: z.string(),
});
const createdSchema = z.object({ batch: batchSchema, rows: z.record(z.string(), z.number()), replayed: z.boolean() });
const agentsSchema = z.object({ agents: z.array(z.object({ agent_id: z.string() })).min(1) });
const numbersSchema = z.object({ phone_numbers: z.array(z.object({ phone_number: z.string() })).min(1) });
const resultsSchema = z.object({
  total: z.number(),
  results: z.array(z.looseObject({ row: z.number(), to_number: z.string(), status: z.string() })),
});

/** Leads one batch from its preview to its results, as a host's model would. Returns the batch's id. */
export async function liveOneBatch(client: TestClient, name: string): Promise<string> {
  const plan = await composePlan(client, name);
  const preview = await done(client, "preview_batch_call", plan);
  expect(preview.rows).toMatchObject({ input: recipients, accepted: recipients });

  const created = createdSchema.parse(await done(client, "create_batch_call", plan));
  expect(created).toMatchObject({ replayed: false, batch: { name, status: "draft" }, rows: { accepted: recipients } });
  const { batch_id } = created.batch;
  expect(createdSchema.parse(await done(client, "create_batch_call", plan))).toMatchObject({
    replayed: true,
    batch: { batch_id },
  });

  await done(client, "start_batch", { batch_id, start: "now" });
  expect(await statusAfter(client, "pause_batch", batch_id)).toMatchObject({ is_paused: true, is_final: false });
  expect(await statusAfter(client, "resume_batch", batch_id)).toMatchObject({ is_paused: false });

  const last = await waitForTheEnd(client, batch_id);
  expect(last).toMatchObject({ status: "completed", environment: "simulated" });
  expect(last.counts).toMatchObject({ total: recipients, pending: 0, calling: 0 });

  const results = resultsSchema.parse(await done(client, "get_batch_results", { batch_id }));
  expect(results.total).toBe(recipients);
  expect(results.results.map(({ row }) => row)).toEqual(Array.from({ length: recipients }, (_, index) => index + 1));
  await refuseWrongCalls(client, batch_id);
  return batch_id;
}

async function composePlan(client: TestClient, name: string): Promise<Record<string, unknown>> {
  const { agents } = agentsSchema.parse(await done(client, "list_agents"));
  const { phone_numbers } = numbersSchema.parse(await done(client, "list_phone_numbers"));
  const tasks = Array.from({ length: recipients }, (_, index) => ({
    to_number: `+1212555${String(100 + index).padStart(4, "0")}`,
    dynamic_variables: { name: `Person ${index + 1}` },
  }));
  return { name, agent_id: agents[0]?.agent_id, from_number: phone_numbers[0]?.phone_number, tasks };
}

async function refuseWrongCalls(client: TestClient, batch_id: string): Promise<void> {
  expect(await refused(client, "start_batch", { batch_id, start: "now" })).toMatch(/^wrong_state: /);
  expect(await refused(client, "get_batch_status", { batch_id: "bcall_00000000000000000000" })).toMatch(
    /^(not_found|invalid_input): /,
  );
  expect(await refused(client, "get_batch_status", { batch: batch_id })).toMatch(/^invalid_input: [\s\S]*batch_id/);
}

async function statusAfter(client: TestClient, tool: string, batch_id: string) {
  await done(client, tool, { batch_id });
  return status(client, { batch_id });
}

async function waitForTheEnd(client: TestClient, batch_id: string) {
  return waitUntil("the batch ends", async () => {
    const seen = await status(client, { batch_id, wait_seconds: 10 });
    const { total, ...parts } = seen.counts;
    expect(Object.values(parts).reduce((sum, part) => sum + part, 0)).toBe(total);
    return seen.is_final && seen;
  });
}

async function status(client: TestClient, args: Record<string, unknown>) {
  const answer = await done(client, "get_batch_status", args);
  return statusSchema.parse(answer.batch ?? answer);
}

async function done(
  client: TestClient,
  tool: string,
  args?: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const answer: ToolAnswer = await client.callTool(tool, args);
  expect(answer.isError, `${tool}: ${answer.text}`).toBe(false);
  return answer.structured;
}

async function refused(client: TestClient, tool: string, args: Record<string, unknown>): Promise<string> {
  const answer = await client.callTool(tool, args);
  expect(answer.isError, `${tool}: ${answer.text}`).toBe(true);
  return answer.text;
}
