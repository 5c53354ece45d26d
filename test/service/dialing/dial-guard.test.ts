import { expect, test } from "vitest";
import { callableFrom } from "../../../src/runtime/operator-dial-guard.ts";
import { noDialGuard } from "../../../src/service/dialing/dialing.ts";
import { numberOf, startWorld } from "../../support/dialing/dialing-world.ts";

const types = ["fixed_line", "mobile", "fixed_line_or_mobile"] as const;
const policy = (start: string, end: string) => ({ hours: { start, end }, types });

test("everything stops within a second while a batch is dialed, and goes on when it is resumed after the release", async () => {
  const world = await startWorld({ settings: { maxConcurrent: 2 } });
  let isStopped = false;
  world.guard = { ...noDialGuard, isStopped: () => isStopped };
  await world.start();
  const batchId = await world.addBatch({ recipients: 40 });
  await world.clock.advance({ seconds: 60 });
  const before = world.rung.length;
  expect(before).toBeGreaterThan(2);
  expect(before).toBeLessThan(40);

  isStopped = true;
  await world.clock.advance({ hours: 1 });
  expect(world.rung).toHaveLength(before);

  isStopped = false;
  await world.clock.advance({ hours: 1 });
  expect(world.rung).toHaveLength(before);
  expect((await world.batch(batchId)).heldReason).toContain("stop-all");
  await world.resume(batchId);
  expect(world.rung.length).toBeGreaterThan(before);
  await world.clock.advance({ hours: 1 });
  expect(new Set(world.rung).size).toBe(40);
  expect(world.rung).toHaveLength(40);
});

test("a batch whose time comes while everything is stopped does not start", async () => {
  const world = await startWorld();
  world.guard = { ...noDialGuard, isStopped: () => true };
  await world.start();
  const id = await world.addBatch({ scheduledAt: new Date("2026-03-02T15:10:00Z") });
  await world.clock.advance({ minutes: 12 });
  expect((await world.batch(id)).status).toBe("scheduled");
  expect(world.rung).toEqual([]);
});

test("each number is held back until it is within calling hours where its phone is", async () => {
  // 10:00 in New Jersey, 07:00 in Los Angeles.
  const world = await startWorld({ now: "2026-03-02T15:00:00Z" });
  world.guard = {
    ...noDialGuard,
    mayDialAt: (number, at) => callableFrom(number, policy("08:00", "21:00"), at),
  };
  await world.start();
  await world.addBatch({
    tasks: [
      { toNumber: "+12135550102", variables: {} },
      { toNumber: numberOf(1), variables: {} },
    ],
  });
  await world.clock.advance({ minutes: 59 });
  expect(world.rung).toEqual([numberOf(1)]);
  await world.clock.advance({ minutes: 1 });
  expect(world.rung).toEqual([numberOf(1), "+12135550102"]);
});

test("a preset of the operator holds back a number by the weekdays of its country, beside calling hours", async () => {
  // Saturday 16:00 in Paris, 10:00 in New Jersey.
  const world = await startWorld({ now: "2026-03-07T15:00:00Z" });
  const marketing = { ...policy("09:30", "21:00"), hoursPreset: "marketing" } as const;
  world.guard = { ...noDialGuard, mayDialAt: (number, at, zone) => callableFrom(number, marketing, at, zone) };
  await world.start();
  const paris = "+33142685300";
  await world.addBatch({
    tasks: [
      { toNumber: paris, variables: {} },
      { toNumber: numberOf(1), variables: {} },
    ],
  });
  await world.clock.advance({ days: 3 });
  expect(world.carrier.rings.map(({ toNumber, at }) => [toNumber, at.toISOString()])).toEqual([
    [numberOf(1), "2026-03-07T15:00:00.000Z"],
    [paris, "2026-03-09T09:00:00.000Z"],
  ]);
});

test("a preset that closes public holidays holds back on those of its country, and no claim is taken back for it", async () => {
  // Tuesday, Bastille Day.
  const world = await startWorld({ now: "2026-07-14T10:00:00Z" });
  const marketing = { ...policy("08:00", "21:00"), hoursPreset: "marketing" } as const;
  const asked: string[] = [];
  world.guard = {
    ...noDialGuard,
    mayDialAt(number, at, zone) {
      asked.push(at.toISOString());
      return callableFrom(number, marketing, at, zone);
    },
  };
  await world.start();
  await world.addBatch({ tasks: [{ toNumber: "+33142685300", variables: {} }] });
  await world.clock.advance({ days: 1 });
  expect(world.carrier.rings.map(({ at }) => at.toISOString())).toEqual(["2026-07-15T08:00:00.000Z"]);
  // Once by the claim that puts it off; by the next one, and by the last check, when it rings.
  expect(new Set(asked).size).toBe(2);
});

test.each([
  ["rings where nobody knows", "+88212345678"],
  ["is a premium-rate number", "+19005550100"],
  ["is too long to be one", "+12025550199000"],
])("a number that %s is never callable", (_what, number) => {
  const at = new Date("2026-03-02T15:00:00Z");
  expect(callableFrom(number, policy("00:00", "24:00"), at)).toBe("never");
});

test.each([
  ["country", "+442079460958", { countries: ["US"] }],
  ["type", "+18005550123", {}],
])(
  "a number of a %s that the operator does not allow is never callable, whoever starts its batch",
  (_what, number, allowed) => {
    const at = new Date("2026-03-02T15:00:00Z");
    const open = policy("00:00", "24:00");
    expect(callableFrom(number, { ...open, countries: ["US", "GB"], types: [...types, "toll_free"] }, at)).toEqual(at);
    expect(callableFrom(number, { ...open, ...allowed }, at)).toBe("never");
  },
);

test("a number that can ring in zones whose calling hours never meet may never be called", () => {
  const at = new Date("2026-03-02T15:00:00Z");
  // A mobile of Russia, the example of its numbering plan: from Kaliningrad to Kamchatka it is ten hours.
  expect(callableFrom("+79123456789", policy("09:00", "18:00"), at)).toBe("never");
  expect(callableFrom("+79123456789", policy("08:00", "21:00"), at)).toBeInstanceOf(Date);
});

test("a number that may never be called ends with that reason, and holds up nobody", async () => {
  const world = await startWorld({ now: "2026-03-02T15:00:00Z" });
  world.guard = {
    ...noDialGuard,
    mayDialAt: (number, at) => callableFrom(number, policy("08:00", "21:00"), at),
  };
  await world.start();
  const batchId = await world.addBatch({
    tasks: [
      { toNumber: "+88212345678", variables: {} },
      { toNumber: numberOf(1), variables: {} },
    ],
  });
  await world.clock.advance({ hours: 1 });
  expect(world.rung).toEqual([numberOf(1)]);
  expect((await world.batch(batchId)).status).toBe("completed");
  expect(await world.task(batchId)).toMatchObject({ status: "cancelled", reason: "not_callable", attemptCount: 0 });
});

test("the zone that a list gives tells which of a number's zones is meant, and opens no other hour", () => {
  const hours = policy("08:00", "21:00");
  // A mobile phone of Russia, in any of its zones: at noon in Moscow it is 21:00 in Kamchatka.
  const mobile = "+79123456789";
  const noon = new Date("2026-03-02T09:00:00Z");
  expect(callableFrom(mobile, hours, noon)).toEqual(new Date("2026-03-03T06:00:00Z"));
  expect(callableFrom(mobile, hours, noon, "Europe/Moscow")).toEqual(noon);
  // Who is in Tokyo with a number of New Jersey, as a list says: only when it is day on both clocks.
  const evening = new Date("2026-03-02T23:30:00Z");
  expect(callableFrom(numberOf(1), hours, evening, "Asia/Tokyo")).toEqual(evening);
  expect(callableFrom(numberOf(1), hours, new Date("2026-03-02T04:00:00Z"), "Asia/Tokyo")).toEqual(
    new Date("2026-03-02T23:00:00Z"),
  );
});
