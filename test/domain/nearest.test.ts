import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nearest } from "../../src/domain/nearest.ts";

const names = ["to_number", "from_number", "agent_id", "timezone", "start_at", "name"];

describe("nearest", () => {
  it.each([
    ["a missing letter", "timzone", "timezone"],
    ["an extra letter", "agents_id", "agent_id"],
    ["a wrong letter", "from-number", "from_number"],
    ["two letters swapped", "agnet_id", "agent_id"],
    ["another letter case", "FROM_NUMBER", "from_number"],
    ["two mistakes in a long name", "form_numbr", "from_number"],
    ["one mistake in a short name", "nam", "name"],
  ])("finds the name in spite of %s", (_, text, expected) => expect(nearest(text, names)).toBe(expected));

  it.each(["voice", "nm", "", "tonumbers_list"])("offers nothing for %j, which is like none of them", (text) =>
    expect(nearest(text, names)).toBeUndefined(),
  );

  it("finds a name of at least four characters after any one character of it was lost", () => {
    const lossy = fc.constantFrom(...names).chain((name) => fc.nat(name.length - 1).map((lost) => ({ name, lost })));
    fc.assert(
      fc.property(lossy, ({ name, lost }) => {
        expect(nearest(name.slice(0, lost) + name.slice(lost + 1), names)).toBe(name);
      }),
    );
  });
});
