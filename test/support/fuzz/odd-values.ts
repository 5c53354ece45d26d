import { parseJson } from "../../../src/domain/json-text.ts";
import type { Random } from "../random.ts";

/** What stands in a value for JSON that `JSON.stringify` does not write: `toJsonText` puts it in as it is. */
export function verbatim(json: string): string {
  return `@@verbatim:${json}@@`;
}

/** JSON text of a value, with what stands in it verbatim; now and then a key of an object twice, of which the last one counts. */
export function toJsonText(value: unknown, random: Random): string {
  const plain = JSON.stringify(value ?? null);
  const filledIn = plain.replaceAll(/"@@verbatim:([^"]*?)@@"/g, "$1");
  // What stands there verbatim may have been changed since.
  const text = parseJson(filledIn) === undefined ? plain : filledIn;
  if (!random.chance(0.03)) return text;
  const keys = [...text.matchAll(/"(\w+)":(?:"[^"\\]*"|\d+|true|false|null)(?=[,}])/g)];
  const doubled = random.pickAny(keys);
  if (doubled === undefined) return text;
  const again = `"${doubled[1]}":${random.pick(["null", '"again"', "[]", doubled[0].split(":").slice(1).join(":")])}`;
  return `${text.slice(0, doubled.index)}${again},${text.slice(doubled.index)}`;
}

const oddTexts = [
  "",
  " ",
  "\u0000",
  "a\u0000b",
  "\ud800",
  "\udfff\ud800",
  "\u202egnp.exe",
  "\u200b",
  "\ufeff",
  "🧑‍🚀".repeat(5),
  "é".normalize("NFD"),
  "ﷺ",
  "İstanbul",
  "null",
  "Undefined",
  "nan",
  "-0",
  "1e3",
  "0x10",
  "1,000",
  "１２３",
  "true",
  "[]",
  "{}",
  '{"a":',
  "[[[[",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "../../etc/passwd",
  "..\\..\\x",
  "file:///etc/passwd",
  "C:\\x.csv",
  "upload:AAAAAAAAAAAAAAAAAAAAAA",
  "upload:",
  "group_1",
  "batch_call_1",
  "{{first_name}}",
  "<script>alert(1)</script>",
  "'; DROP TABLE batches; --",
  "%s%n%00",
  "=1+1",
  "line\nbreak\r\nand\ttab",
  "2026-02-30T25:61",
  "2026-03-29T02:30",
  "0000-00-00",
  "+275760-09-13T00:00:00Z",
  "-271821-04-20",
  "9999-12-31T23:59:60Z",
  "Europe/Atlantis",
  "+14155550100,+14155550101",
  "911",
  "+1900555",
  "(415) 555-0123 ext. 4",
  "x".repeat(300),
  "x".repeat(70_000),
];

const oddNumbers = [
  0,
  -1,
  -0.5,
  1.5,
  2 ** 31,
  -(2 ** 31),
  2 ** 53,
  -(2 ** 53) - 1,
  1e21,
  -1e300,
  5e-324,
  Number.MAX_VALUE,
  1e11,
  8.64e15,
  8.64e15 + 1,
];

const oddJson = ["1e400", "-1e999", "-0", "1.0", "12345678901234567890123", '"\\ud800"', '"\\u0000"'];

/** Keys that an object in JavaScript has of its own, or that stand for a step nobody agreed to. */
export const oddKeys = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "",
  " ",
  "0",
  "a.b[0]",
  "$ref",
  "send_now",
  "status",
  "confirm",
  "approved",
  "grant",
  "force",
  "x".repeat(500),
  "ключ",
] as const;

/** Something that hardly any field takes. */
export function oddValue(random: Random): unknown {
  switch (random.below(12)) {
    case 0:
      return null;
    case 1:
      return random.chance(0.5);
    case 2:
    case 3:
      return random.pickAny(oddNumbers);
    case 4:
      return verbatim(random.pickAny(oddJson) ?? "-0");
    case 5:
      return random.pick<unknown>([[], {}, [null], [[]], { "": null }, [{}], [[], {}, "", 0]]);
    case 6:
      return nested(random);
    case 7:
      return withKey(random.pickAny(oddKeys) ?? "", random.pick<unknown>([{}, null, "x", { isAdmin: true }, 1]));
    default:
      return random.pickAny(oddTexts);
  }
}

/** An object with that key of its own, `__proto__` included. */
function withKey(key: string, value: unknown): object {
  return Object.fromEntries([[key, value]]);
}

/** Now and then so deep that a function that calls itself for each level would run out of stack. */
function nested(random: Random): unknown {
  const depth = random.chance(0.02) ? 20_000 : 1 + random.below(40);
  return verbatim(random.chance(0.5) ? `${"[".repeat(depth)}${"]".repeat(depth)}` : deepObject(depth));
}

function deepObject(depth: number): string {
  // Without a quotation mark in it, which would end the verbatim text: of lists, an object in each is as deep.
  return `${"[{},".repeat(depth)}0${"]".repeat(depth)}`;
}
