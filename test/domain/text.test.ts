import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { joinParts, plainText, toCallName } from "../../src/domain/text.ts";

describe("plain text", () => {
  it.each([
    ["terminal colours", "\u001b[31mred\u001b[0m", "red"],
    ["a terminal title", "\u001b]0;owned\u0007name", "name"],
    ["a terminal link", "\u001b]8;;http://x.test\u001b\\click\u001b]8;;\u001b\\", "click"],
    ["an 8-bit terminal sequence", "a\u009b31mb", "ab"],
    ["line breaks, as spaces", "one\r\ntwo\u2028three\tfour", "one two three four"],
    ["bidi marks", "\u202eabc\u202c \u2066d\u2069", "abc d"],
    ["zero-width characters", "pass\u200bword\u00ad\u2060", "password"],
    ["hidden tag characters", "hi\u{e0041}\u{e0042}", "hi"],
    ["variation selectors", "a\u{e0101}b\ufe0f", "ab"],
    ["half a surrogate pair", "a\ud83db", "ab"],
    ["space around it", "  x  ", "x"],
  ])("loses %s", (_what, text, plain) => {
    expect(plainText(text, 50)).toBe(plain);
  });

  it("keeps accents, scripts and emoji", () => {
    expect(plainText("José Łukasz 李 محمد 😀", 50)).toBe("José Łukasz 李 محمد 😀");
  });

  it("is cut to its length with a sign that it was cut", () => {
    expect(plainText("abcdef", 6)).toBe("abcdef");
    expect(plainText("abcdefg", 6)).toBe("abcde…");
  });

  it("is never cut through a character", () => {
    expect(plainText("abcd😀x", 6)).toBe("abcd…");
  });

  it("holds nothing invisible and is never too long, whatever comes in", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 1, max: 40 }), (text, maxLength) => {
        const plain = plainText(text, maxLength);
        expect(plain).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{DI}]/u);
        expect(plain.length).toBeLessThanOrEqual(maxLength);
      }),
    );
  });

  it("of a megabyte of broken terminal sequences comes to an end", () => {
    // Time by the square of the length would be hours, which the limit of a test ends.
    for (const part of ["\u001b]", "\u001b[", "\u001b[;;;;", "\u001b]a;", "\u009b0"]) {
      expect(plainText(part.repeat(1_000_000 / part.length), 100)).not.toContain("\u001b");
    }
  });
});

describe("parts that are joined", () => {
  it.each([
    [["one", "two"], "one; two"],
    [["A sentence.", "Another.", "and more"], "A sentence. Another. and more"],
    [["part 1 of 2: Held. Resume it.", "part 2 of 2: paused"], "part 1 of 2: Held. Resume it. part 2 of 2: paused"],
    [["one"], "one"],
    [[], ""],
  ])("%j have no semicolon behind a full stop", (parts, text) => {
    expect(joinParts(parts)).toBe(text);
  });

  it("say what an id is of, once", () => {
    expect(["call_1", "0192-ab"].map(toCallName)).toEqual(["call_1", "call 0192-ab"]);
  });
});
