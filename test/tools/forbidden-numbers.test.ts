import { readFileSync } from "node:fs";
import { type CountryCode, getCountries, getCountryCallingCode } from "libphonenumber-js/max";
import examples from "libphonenumber-js/mobile/examples";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { HostedApi } from "../support/http/hosted-api.ts";
import { startWorld, type World } from "../support/world.ts";

const file = new URL("../fixtures/forbidden-numbers.json", import.meta.url);
const corpus = z
  .record(z.string(), z.record(z.string(), z.array(z.string())))
  .parse(JSON.parse(readFileSync(file, "utf8")));
const ofKind = (kind: string) =>
  Object.entries(corpus[kind] ?? {}).flatMap(([country, texts]) => texts.map((text) => ({ country, text })));

let hosted: HostedApi;
const worlds: World[] = [];
beforeEach(async () => {
  hosted = await HostedApi.start();
});
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.stop();
  await hosted.stop();
});

/** A live upstream, and a person who agrees to whatever they are asked. */
async function liveWorld(countries?: readonly CountryCode[]): Promise<World> {
  const world = await startWorld({
    upstream: () => hosted.url,
    ...(countries && { policy: { countries } }),
    context: { askPerson: async ({ recipients }) => ({ kind: "accepted", typedRecipients: recipients }) },
  });
  // No power fails here, and waiting for the disk would be most of the time.
  world.database.exec("PRAGMA synchronous = OFF");
  worlds.push(world);
  return world;
}

/** Why no batch was started that calls this number; undefined when one was. */
async function refusal(world: World, to_number: string, default_country?: string): Promise<string | undefined> {
  const isCountry = getCountries().some((code) => code === default_country);
  const args = {
    name: `To ${to_number}`,
    agent_id: "agent_1",
    from_number: "+14155550100",
    tasks: [{ to_number }],
    start: "now",
    ...(isCountry && { default_country }),
  };
  const before = hosted.dangerous.length;
  const problem = await world.problem("create_batch_call", args).catch(() => undefined);
  if (!problem || hosted.dangerous.length > before) return undefined;
  return problem.issues.map(({ code }) => code).join(", ");
}

describe("a person agrees, the country is allowed, and all the same no phone rings of", () => {
  test.each([
    ["premium", 150],
    ["shared_cost", 90],
    ["personal", 50],
    ["pager", 40],
    ["voicemail", 20],
    ["company_wide", 100],
    ["satellite", 40],
    ["emergency", 50],
    ["short_code", 40],
  ])("%s numbers, %i or more", async (kind, atLeast) => {
    const world = await liveWorld(getCountries());
    const called: string[] = [];
    const numbers = ofKind(kind);
    for (const { text, country } of numbers) if (!(await refusal(world, text, country))) called.push(text);
    expect(called).toEqual([]);
    expect(numbers.length).toBeGreaterThanOrEqual(atLeast);
    expect(hosted.dangerous).toEqual([]);
  });
});

test("a batch that somebody made elsewhere does not call its own caller id", async () => {
  const world = await liveWorld();
  const made = {
    name: "Made elsewhere",
    agent_id: "agent_1",
    from_number: "+14155550100",
    tasks: [{ to_number: "+12015550101" }, { to_number: "+14155550100" }],
    status: "draft",
    send_now: false,
    timezone: "UTC",
  };
  const { batch_call_id } = hosted.make(made);
  const problem = await world.problem("start_batch", { batch_id: batch_call_id, start: "now" });
  expect(problem.issues).toMatchObject([{ code: "same_as_from_number" }]);
  expect(hosted.dangerous).toEqual([]);
});

describe("countries that share the calling code +1", () => {
  const underPlusOne = getCountries().filter((code) => getCountryCallingCode(code) === "1" && examples[code]);
  const numberOf = (country: CountryCode) => `+1${examples[country]}`;

  test.each([
    { allowed: undefined, callable: ["US"] },
    { allowed: ["US", "CA"] as const, callable: ["US", "CA"] },
    { allowed: ["JM"] as const, callable: ["JM"] },
  ])("are refused but for those that are allowed: $callable", async ({ allowed, callable }) => {
    const world = await liveWorld(allowed);
    const reasons: Record<string, string | undefined> = {};
    for (const country of underPlusOne) reasons[country] = await refusal(world, numberOf(country));
    const expected = underPlusOne.map((country) => [
      country,
      callable.includes(country) ? undefined : expect.stringContaining("country_not_allowed"),
    ]);
    expect(reasons).toEqual(Object.fromEntries(expected));
    expect(underPlusOne.length).toBeGreaterThan(20);
  });
});
