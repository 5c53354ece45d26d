import { afterEach, describe, expect, test } from "vitest";
import { toSummaryFacts } from "../../../src/campaigns/approve/summary.ts";
import { longFile, longRequest } from "../../support/campaigns/long-list.ts";
import { request, startWorld, type World, type WorldSetup } from "../../support/world.ts";

let world: World;
afterEach(() => world.stop());

async function open(setup: WorldSetup = {}): Promise<void> {
  world = await startWorld({ now: "2026-03-02T15:00:00Z", carrierEnvironment: "live", ...setup });
}

const newYork = "+12125550101";
const losAngeles = "+12135550102";
const of = (numbers: readonly string[], changes: object = {}) =>
  request(1, {
    tasks: numbers.map((to_number) => ({ to_number, dynamic_variables: { first_name: "P" } })),
    ...changes,
  });

/** What the last question said under a label. */
function asked(label: string): readonly string[] {
  const summary = world.person.asked.at(-1);
  if (!summary) throw new Error("Nobody was asked");
  return toSummaryFacts(summary).find((fact) => fact.label === label)?.lines ?? [];
}

const told = () => asked("First and last ring").find((line) => line.startsWith("at the latest")) ?? "nothing";
const agree = (typedRecipients: number) => world.person.willAnswer({ kind: "accepted", typedRecipients });
const grantsUntil = async (id: string) => (await world.api.getBatch(id)).agreedUntil?.toISOString();

describe("the last minute that is told is the last one that is agreed to", () => {
  const tenTheirTime = { start: "at_time", start_at: "2026-03-03T10:00", timezone: "recipient" };
  const lastMinute = "at the latest Thursday 5 March 2026, 13:59 in America/New_York, by the rules";

  test("at one time on everybody's own clock", async () => {
    await open();
    const input = of([newYork, losAngeles], tenTheirTime);
    expect(await world.text("preview_batch_call", input)).toContain(lastMinute);
    agree(2);
    const { batch } = await world.tool("create_batch_call", input);
    expect(told()).toBe(lastMinute);
    expect(await grantsUntil(batch.batch_id)).toBe("2026-03-05T19:00:00.000Z");
    expect(await world.text("get_batch_status", { batch_id: batch.batch_id })).toContain(
      "Phones ring at the latest Thursday 5 March 2026, 13:59 in America/New_York, as was agreed to\n",
    );
  });

  test("and is told no more when the batch has ended", async () => {
    await open();
    agree(1);
    const { batch } = await world.tool("create_batch_call", of([newYork], { start: "now" }));
    expect(await world.text("get_batch_status", { batch_id: batch.batch_id })).toContain("Phones ring at the latest");
    await world.tool("cancel_batch", { batch_id: batch.batch_id });
    await world.clock.advance({ minutes: 30 });
    const text = await world.text("get_batch_status", { batch_id: batch.batch_id });
    expect(text).not.toContain("Phones ring at the latest");
  });

  test("with quiet hours on everybody's own clock", async () => {
    await open();
    const quiet_hours = { enabled: true, start_time: "11:00", end_time: "09:00", timezone: "recipient" };
    const input = of([newYork, losAngeles], { start: "now", quiet_hours });
    agree(2);
    const { batch } = await world.tool("create_batch_call", input);
    // Two days and an hour after 09:00 in Los Angeles, when the last of them is called first.
    expect(told()).toBe("at the latest Wednesday 4 March 2026, 09:59 in America/Los_Angeles, by the rules");
    expect(await grantsUntil(batch.batch_id)).toBe("2026-03-04T18:00:00.000Z");
  });

  test("where the answer comes minutes after the question", async () => {
    await open();
    await world.tool("create_batch_call", of([newYork], { start: "now" }));
    const [question] = world.pages;
    if (!question) throw new Error("Nobody was asked");
    await world.clock.advance({ minutes: 10 });
    world.approvals.approve(question.id, 1, { principal: "somebody", channel: "page" }, world.clock.now());
    await world.campaigns.proceed(question);
    expect(question.summary.outlook?.rings?.last).toMatchObject({ date: "2026-03-04", time: "10:59" });
    expect(await grantsUntil(question.summary.batchId)).toBe("2026-03-04T16:00:00.000Z");
  });

  test("of a group, in each of its parts", async () => {
    const limits = { maxRecipientsPerStart: 5000, maxRecipientsPerDay: 10_000 };
    await open({ policy: { limits } });
    await world.file("long.csv", longFile(1500));
    const created = await world.tool("create_batch_call", longRequest());
    agree(1500);
    const { batch_id } = created.batch;
    await world.tool("start_batch", { batch_id, ...tenTheirTime });
    const [until] = new Set([(await world.context.api.getBatch(batch_id)).agreedUntil?.toISOString()]);
    const parts = (await world.context.api.getBatch(batch_id)).parts ?? [];
    for (const part of parts) expect(await grantsUntil(part.batchId ?? "")).toBe(until);
    expect(world.person.asked.at(-1)?.lastAt.toISOString()).toBe(until);
    expect(await world.text("get_batch_status", { batch_id })).toContain(
      `Phones ring ${told().replace(", by the rules", ", as was agreed to")}\n`,
    );
  });
});

test("the people that a preview names in zones and countries, and elsewhere, are all of the list", async () => {
  await open();
  const codes = "212 312 213 303 602 808 907 208 317 502 615 701".split(" ");
  const numbers = codes.map((code) => `+1${code}5550101`);
  const text = await world.text(
    "preview_batch_call",
    of(numbers, {
      tasks_csv: ["phone,first_name,timezone", ...numbers.map((number, n) => `${number},P,Etc/GMT+${n + 1}`)].join(
        "\n",
      ),
      tasks: undefined,
    }),
  );
  const told = /^Time zones: (.*)$/m.exec(text)?.[1] ?? "";
  expect(told).toContain("elsewhere: 6");
});

test("quiet hours that leave no minute of calling hours are refused with the rows and what to write", async () => {
  await open({ policy: { hours: { start: "08:00", end: "21:00" } } });
  const quiet_hours = { enabled: true, start_time: "07:00", end_time: "22:00" };
  for (const change of [{}, { timezone: "America/New_York" }, { timezone: "recipient" }]) {
    const { message, issues } = await world.problem("preview_batch_call", of([newYork], { quiet_hours, ...change }));
    expect(issues).toMatchObject([{ field: "quiet_hours", code: "no_calling_time", allRows: [1] }]);
    expect(message).toMatch(
      /leave no minute together, for row 1\. quiet_hours has to change: .*start_time "\d\d:\d\d" and end_time/,
    );
    expect(message).not.toContain("each region");
  }
});
