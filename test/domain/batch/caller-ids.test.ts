import fc from "fast-check";
import { getExampleNumber } from "libphonenumber-js/max";
import examples from "libphonenumber-js/mobile/examples";
import { describe, expect, test } from "vitest";
import {
  callerIdsFor,
  countNearest,
  goneFromNumbers,
  mergeShares,
  toSharesText,
  triedAgain,
  usableCallerIds,
  withCallerId,
  withoutCallerId,
} from "../../../src/domain/batch/caller-ids.ts";
import { parsePhoneNumber } from "../../../src/domain/phone/phone-number.ts";
import { isIssue } from "../../../src/domain/problem.ts";

const sanFrancisco = "+14155550100";
const losAngeles = "+12135550100";
const newYork = "+12125550100";
const toronto = "+14165550100";
const london = "+442079460100";
const manchester = "+441614960100";

describe("a recipient is called from", () => {
  test.each([
    ["the caller id of the same area code", "+12125550123", [sanFrancisco, losAngeles, newYork], newYork],
    ["one on the same clock where none has the area code", "+15035550123", [newYork, sanFrancisco], sanFrancisco],
    [
      "the first one of the same clock, whose area codes begin alike by chance",
      "+12025550123",
      [newYork, "+17185550100"],
      newYork,
    ],
    ["one of the same country and not of the same calling code", "+14165550123", [sanFrancisco, toronto], toronto],
    ["one of the same country wherever that is", "+18085550123", [london, newYork], newYork],
    ["the area of a fixed line elsewhere", "+441614960123", [london, manchester], manchester],
    ["the first one of the country, as a mobile is in no area", "+447400123456", [newYork, london, manchester], london],
    ["one of its calling code where it is no number that is known", "+447700900123", [newYork, london], london],
    ["the first one where none is in the country", "+493023125001", [sanFrancisco, london], sanFrancisco],
    ["its country and not a number of all of North America", "+12125550123", ["+18005550100", newYork], newYork],
    [
      "a number of all of North America and not another continent",
      "+14165550123",
      [london, "+18005550199"],
      "+18005550199",
    ],
  ])("%s", (_, toNumber, callerIds, nearest) => {
    expect(callerIdsFor(toNumber, callerIds)[0]).toBe(nearest);
  });

  test("no caller id of another country while there is one of their own", () => {
    expect(callerIdsFor("+12125550123", [london, sanFrancisco, toronto, newYork])).toEqual([newYork, sanFrancisco]);
    expect(callerIdsFor("+493023125001", [london, sanFrancisco])).toEqual([london, sanFrancisco]);
  });

  test("the one they were called from before, and no other while it may be used", () => {
    const callerIds = [sanFrancisco, newYork, london];
    expect(callerIdsFor("+12125550123", callerIds, sanFrancisco)).toEqual([sanFrancisco]);
    expect(callerIdsFor("+12125550123", [newYork, london], sanFrancisco)).toEqual([newYork]);
    expect(callerIdsFor("+12125550123", callerIds, london)).toEqual([newYork, sanFrancisco]);
  });

  test("the only one, whatever it is", () => {
    expect(callerIdsFor("+493023125001", ["not a number"])).toEqual(["not a number"]);
    expect(callerIdsFor("+493023125001", [])).toEqual([]);
  });

  test("never their own number", () => {
    expect(callerIdsFor(newYork, [newYork, london])).toEqual([london]);
  });
});

const countries = Object.keys(examples) as (keyof typeof examples)[];
/** A mobile of each country, and some numbers that belong to an area. */
const numbers = [
  ...countries.flatMap((country) => getExampleNumber(country, examples)?.number ?? []),
  ...[sanFrancisco, losAngeles, newYork, toronto, london, manchester, "+493023125001", "+18005550100"],
];
const number = fc.constantFrom(...numbers);
const several = fc.uniqueArray(number, { minLength: 2, maxLength: 8 });
/** A toll-free number of North America is of no one country. */
const ofOneCountry = number.filter((text) => !text.startsWith("+1800"));

function countryOf(text: string): string | undefined {
  const parsed = parsePhoneNumber(text);
  return isIssue(parsed) ? undefined : parsed.country;
}

describe("over numbers of all countries", () => {
  test("whoever has a caller id of their country is called from those alone, and else from all that are left", () => {
    expect(numbers.length).toBeGreaterThan(200);
    const callers = fc.uniqueArray(ofOneCountry, { minLength: 2, maxLength: 8 });
    const property = fc.property(ofOneCountry, callers, (toNumber, callerIds) => {
      const chosen = callerIdsFor(toNumber, callerIds);
      const others = callerIds.filter((callerId) => callerId !== toNumber);
      expect(new Set(chosen).size).toBe(chosen.length);
      expect(others).toEqual(expect.arrayContaining([...chosen]));
      const home = others.filter((callerId) => countryOf(callerId) === countryOf(toNumber));
      if (home.length > 0) expect(chosen.toSorted()).toEqual(home.toSorted());
      else expect(chosen.length).toBeGreaterThan(0);
    });
    fc.assert(property, { numRuns: 2000 });
  });

  test("the order of the list decides between those that are equally near, and nothing else", () => {
    const property = fc.property(number, several, (toNumber, callerIds) => {
      const [nearest] = callerIdsFor(toNumber, callerIds);
      const [ofReversed] = callerIdsFor(toNumber, callerIds.toReversed());
      if (nearest !== ofReversed) expect(callerIdsFor(toNumber, [ofReversed ?? "", nearest ?? ""])[0]).toBe(ofReversed);
    });
    fc.assert(property, { numRuns: 1000 });
  });

  test("each person is nearest to one caller id", () => {
    const property = fc.property(fc.array(number, { maxLength: 30 }), several, (people, callerIds) => {
      const shares = countNearest(people, callerIds) ?? [];
      expect(shares.map(({ fromNumber }) => fromNumber)).toEqual(callerIds);
      expect(shares.reduce((sum, share) => sum + share.people, 0)).toBe(people.length);
    });
    fc.assert(property, { numRuns: 300 });
  });
});

test("one caller id has no shares to tell", () => {
  expect(countNearest(["+12125550123"], [newYork])).toBeUndefined();
});

test("parts of a campaign are told as one, unless one of them does not tell", () => {
  const one = [{ fromNumber: newYork, people: 3 }];
  expect(mergeShares([one, one])).toEqual([{ fromNumber: newYork, people: 6 }]);
  expect(mergeShares([one, undefined])).toBeUndefined();
});

test("of many caller ids the first ones are named, and the others counted", () => {
  const shares = Array.from({ length: 12 }, (_, n) => ({ fromNumber: `+1212555010${n}`, people: 1000 }));
  const text = toSharesText(shares);
  expect(text).toHaveLength(10);
  expect(text[0]).toBe("+12125550100, nearest to 1,000");
  expect(text[9]).toBe("3 others, nearest to 3,000");
});

describe("a caller id that the account does not have", () => {
  const [first, second] = ["+12125550100", "+14155550100"] as const;
  type Calling = Parameters<typeof usableCallerIds>[0];
  const batch: Calling = { fromNumber: first, rules: { moreFromNumbers: [second] } };
  const at = (minutes: number) => new Date(Date.UTC(2026, 2, 2, 15, minutes));
  const refused = (fromNumber: string, minutes: number) => ({ fromNumber, claimedAt: at(minutes) });
  const without = (of: Calling, fromNumber: string, minutes: number) => {
    const goneCallerIds = withoutCallerId(of, refused(fromNumber, minutes), at(minutes));
    if (!goneCallerIds) throw new Error("Nothing is left out");
    return { ...of, goneCallerIds };
  };

  test("is left out for ten minutes, and known until it is tried again", () => {
    const gone = without(batch, first, 0);
    expect(usableCallerIds(gone, at(0))).toEqual([second]);
    expect(usableCallerIds(gone, at(9))).toEqual([second]);
    expect(usableCallerIds(gone, at(10))).toEqual([first, second]);
    expect(goneFromNumbers(gone)).toEqual([first]);
    const back = { ...gone, goneCallerIds: withCallerId(gone.goneCallerIds, first) };
    expect([goneFromNumbers(back), usableCallerIds(back, at(0))]).toEqual([undefined, [first, second]]);
  });

  test("is left out by no clock that was set back", () => {
    expect(usableCallerIds(without(batch, first, 30), at(29))).toEqual([first, second]);
  });

  test("is left out once, however many attempts are refused for it", () => {
    const gone = without(batch, first, 0);
    expect(withoutCallerId(gone, refused(first, 0), at(1))).toBeUndefined();
    expect(withoutCallerId(gone, refused(first, 10), at(10))?.since).toEqual({ [first]: at(10).getTime() });
  });

  test("is not left out for what was claimed before all were tried again", () => {
    const gone = without(without(batch, first, 0), second, 1);
    expect(usableCallerIds(gone, at(1))).toEqual([]);
    const again = { ...batch, goneCallerIds: triedAgain(gone.goneCallerIds, at(3)) ?? { since: {} } };
    expect([usableCallerIds(again, at(3)), goneFromNumbers(again)]).toEqual([[first, second], undefined]);
    expect(withoutCallerId(again, refused(first, 2), at(4))).toBeUndefined();
    expect(withoutCallerId(again, refused(first, 3), at(4))).toBeDefined();
  });
});
