import { afterEach, expect, test } from "vitest";
import { toSummaryFacts } from "../../src/campaigns/approve/summary.ts";
import { usNumber } from "../support/us-numbers.ts";
import { numberOf, request, startWorld, type World } from "../support/world.ts";

let world: World;
afterEach(() => world.stop());

const csv = (text: string, changes: object = {}) => request(1, { tasks: undefined, tasks_csv: text, ...changes });

function asked(): Readonly<Record<string, readonly string[]>> {
  const summary = world.person.asked.at(-1);
  if (!summary) throw new Error("Nobody was asked");
  return Object.fromEntries(toSummaryFacts(summary).map(({ label, lines }) => [label, lines]));
}

test("a repair that would leave nobody is not offered: the answer says that, and what helps", async () => {
  world = await startWorld({ carrierEnvironment: "live" });
  const input = csv("phone\n+442079460958\n+442079460959", { start: "now" });
  const preview = await world.text("preview_batch_call", input);
  expect(preview).not.toContain("leave_out");
  expect(preview).toContain("Warning: These are all people of the list, so leaving rows out does not help");
  const refused = await world.problem("create_batch_call", input);
  expect(refused.message).not.toContain("leave_out");
  expect(refused.message).toContain("nobody would be left. Give a list with other numbers");
  const { batch } = await world.tool("create_batch_call", { ...input, name: "Draft", start: "draft" });
  const start = await world.problem("start_batch", { batch_id: batch.batch_id, start: "now" });
  expect(start.message).not.toContain("leave_out");
  expect(start.message).toContain("BATCH_CALL_ALLOWED_COUNTRIES");
});

test("zones that cannot be read are told in preview and question, with the rows and the clock that counts instead", async () => {
  world = await startWorld({ carrierEnvironment: "live" });
  const input = csv(`phone,Timezone\n${numberOf(1)},PST\n${numberOf(2)},\n${numberOf(3)},Pacific`, { start: "now" });
  const words =
    '"Timezone" holds no time zones: 2 rows have something in it (2, 4), and are called by the clock of their number.';
  expect(await world.text("preview_batch_call", input)).toContain(words);
  world.person.willAnswer({ kind: "declined" });
  await world.problem("create_batch_call", input);
  expect(asked()["Also"]).toContain(words);
});

test("a zone that contradicts its number is told with its rows and both zones, before and where a person agrees", async () => {
  world = await startWorld({ carrierEnvironment: "live" });
  const list = `phone,timezone\n${numberOf(1)},Asia/Tokyo\n${numberOf(2)},America/Los_Angeles\n${numberOf(3)},Asia/Tokyo`;
  const words =
    "2 rows (2, 4) have the zone Asia/Tokyo and numbers of United States (America/New_York): quiet hours hold on both clocks, times on the first. Correct what is wrong.";
  const preview = await world.tool("preview_batch_call", csv(list));
  expect(preview.warnings).toEqual([words]);
  const { batch, warnings } = await world.tool("create_batch_call", csv(list));
  expect(warnings).toEqual([words]);
  world.person.willAnswer({ kind: "declined" });
  await world.problem("start_batch", { batch_id: batch.batch_id, start: "now" });
  expect(asked()["Also"]).toContain(words);
});

test("of linked batches the rows of all parts whose zones contradict their numbers are told as one", async () => {
  world = await startWorld({
    carrierEnvironment: "live",
    policy: { limits: { maxRecipientsPerStart: 2000, maxRecipientsPerDay: 5000 } },
  });
  const lines = Array.from({ length: 1001 }, (_, n) => `${usNumber(n)},${n % 1000 === 0 ? "Asia/Tokyo" : ""}`);
  const { batch } = await world.tool("create_batch_call", csv(["phone,timezone", ...lines].join("\n")));
  world.person.willAnswer({ kind: "declined" });
  await world.problem("start_batch", { batch_id: batch.batch_id, start: "now" });
  expect(asked()["Also"]).toContainEqual(expect.stringMatching(/^2 rows \(2, 1002\) have the zone Asia\/Tokyo/));
});

const retries = (max_attempts: number) => ({ retry_config: { enabled: true, max_attempts } });

test("a resume shows who is called, from where and why, whatever changed since", async () => {
  world = await startWorld({ carrierEnvironment: "live", policy: { hours: { start: "00:00", end: "24:00" } } });
  world.carrier.script(numberOf(1), "no_answer");
  world.person.willAnswer({ kind: "accepted", typedRecipients: 1 });
  const consent = { purpose: "Remind of an appointment", consent_basis: "existing customers" };
  const tasks = [{ to_number: numberOf(1), dynamic_variables: { first_name: "P" } }];
  const { batch } = await world.tool(
    "create_batch_call",
    request(1, { tasks, ...consent, ...retries(2), start: "now" }),
  );
  await world.clock.advance({ minutes: 5 });
  await world.tool("update_batch", { batch_id: batch.batch_id, ...retries(3) });
  world.person.willAnswer({ kind: "declined" });
  await world.problem("resume_batch", { batch_id: batch.batch_id });
  expect(Object.keys(asked())).toContain("Changed since it was agreed to");
  expect(Object.keys(asked())).toEqual(
    expect.arrayContaining(["Who calls", "From", "What for", "Consent", "Countries", "Time zones"]),
  );
});
