import { readFile } from "node:fs/promises";
import { afterEach, expect, test } from "vitest";
import { HostedApi } from "../support/http/hosted-api.ts";
import { numberOf, request, startWorld, type World } from "../support/world.ts";

let world: World | undefined;
afterEach(() => world?.stop());

const message = { mode: "leave_message", message: "Hello {{first_name}}, please call back." };
const thrice = { enabled: true, max_attempts: 3 };

test("a message on a voicemail is shown before the start, in the status, the results and the export", async () => {
  world = await startWorld({ carrier: { [numberOf(1)]: ["voicemail"] } });
  const args = request(2, { voicemail: message, retry_config: thrice });
  expect(await world.text("preview_batch_call", args)).toContain(`is left this message, once: "${message.message}"`);
  const { batch } = await world.tool("create_batch_call", { ...args, start: "now" });
  await world.clock.advance({ hours: 4 });
  expect(world.carrier.dials).toHaveLength(2);
  const status = await world.tool("get_batch_status", { batch_id: batch.batch_id });
  expect(status.batch).toMatchObject({ voicemail: message, counts: { completed: 2 }, outcomes: { voicemail: 1 } });
  expect(await world.text("get_batch_status", { batch_id: batch.batch_id })).toContain("On voicemail: leave_message");
  const { results } = await world.tool("get_batch_results", { batch_id: batch.batch_id });
  const ofFirst = results.find((one: { outcome: string }) => one.outcome === "voicemail");
  expect(ofFirst).toMatchObject({ message_left: true, status: "completed" });
  expect(await world.text("get_batch_results", { batch_id: batch.batch_id })).toContain("voicemail, message left");
  const { path } = await world.tool("export_batch_results", { batch_id: batch.batch_id });
  const [header = "", ...lines] = (await readFile(path, "utf8")).split("\r\n");
  const column = header.split(",").indexOf("result_message_left");
  expect(lines.map((line) => line.split(",")[column]).filter((cell) => cell === "yes")).toHaveLength(1);
});

test("a message with a variable that somebody lacks, and a rule that contradicts, are refused with their places", async () => {
  world = await startWorld();
  const fieldsOf = async (changes: object) => {
    const problem = await world?.problem("create_batch_call", request(2, changes));
    return problem?.issues.map(({ field, code }) => `${field} ${code}`);
  };
  const rules = [{ condition: "voicemail", enabled: true, retry_timing: { type: "AFTER", duration_minutes: 30 } }];
  expect(await fieldsOf({ voicemail: { ...message, message: "Hi {{surname}}" } })).toEqual([
    "voicemail.message unknown_variable",
  ]);
  expect(await fieldsOf({ voicemail: { mode: "accept" }, retry_config: thrice, retry_rules: rules })).toEqual([
    "voicemail.mode contradiction",
  ]);
  expect(await fieldsOf({ voicemail: { mode: "leave_message" } })).toEqual(["voicemail.message required"]);
});

test("update_batch changes it, and the batch says so", async () => {
  world = await startWorld();
  const { batch } = await world.tool("create_batch_call", request(2, { voicemail: { mode: "accept" } }));
  const changed = await world.tool("update_batch", { batch_id: batch.batch_id, voicemail: message });
  expect(changed.batch.voicemail).toEqual(message);
});

test("an API that knows retry rules alone is refused a message, and takes what they come to", async () => {
  const hosted = await HostedApi.start();
  world = await startWorld({ upstream: () => hosted.url });
  const args = (changes: object) => request(1, { agent_id: "agent_1", ...changes });
  expect(await world.problem("create_batch_call", args({ voicemail: message }))).toMatchObject({
    code: "unsupported",
    message: expect.stringContaining("Set the message at the agent"),
  });
  expect(
    await world.problem("create_batch_call", args({ voicemail: { mode: "accept" }, retry_config: thrice })),
  ).toMatchObject({ code: "unsupported", message: expect.stringContaining("retry_rules") });
  expect(hosted.batches.size).toBe(0);
  await world.tool("create_batch_call", args({ voicemail: { mode: "accept" } }));
  expect(hosted.batches.size).toBe(1);
  expect(JSON.stringify([...hosted.batches.values()])).not.toContain('"voicemail"');
  await hosted.stop();
});
