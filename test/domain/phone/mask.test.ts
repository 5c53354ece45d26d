import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maskNumber } from "../../../src/domain/phone/mask.ts";

describe("a masked number", () => {
  it.each([
    ["+14155550123", "+1 *** *** 0123"],
    ["+442079460123", "+44 *** *** 0123"],
    ["+298201234", "+298 *** *** 4"],
    ["+1234", "+1 *** ***"],
    ["4155550123", "*** *** 0123"],
    ["", "*** ***"],
    ["unknown", "*** ***"],
  ])("of %j is %j", (number, masked) => {
    expect(maskNumber(number)).toBe(masked);
  });

  it("never shows more than the calling code and four digits, and hides at least five", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\+[1-9]\d{6,14}$/), (number) => {
        const shown = maskNumber(number).replace(/\D/g, "").length;
        expect(shown).toBeLessThanOrEqual(3 + 4);
        expect(number.length - 1 - shown).toBeGreaterThanOrEqual(Math.min(5, number.length - 4));
      }),
    );
  });
});
