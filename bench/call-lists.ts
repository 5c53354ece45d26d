import { Random } from "../test/support/random.ts";
import { writtenNumbers } from "../test/support/written-numbers.ts";
import type { FlatTask } from "./flat-create.ts";
import { numberOf } from "./list-file.ts";

const people = 1000;

// 100 callable fictional numbers (555-0100 to 555-0199) in each of these US area codes.
const areaCodes = ["202", "212", "213", "303", "305", "312", "404", "415", "512", "617"];
const worldForms = ["E.164", "international, spaced", "international, dots", "international, slash"];

/** How the numbers of a list are written. */
export type ListKind = "E.164" | "US, four spellings" | "all countries";
export const listKinds: readonly ListKind[] = ["E.164", "US, four spellings", "all countries"];

/** A list of 1,000 with five variables each; the salt makes every list another content. No number is of a list twice. */
export function makeTasks(salt: string, kind: ListKind = "E.164"): FlatTask[] {
  return numbers[kind]().map((to_number, index) => ({
    to_number,
    dynamic_variables: {
      first_name: `Name ${index % 100}`,
      order_id: `${salt}-${index}`,
      city: "Springfield",
      day: "Tuesday",
      slot: "10:30",
    },
  }));
}

const numbers: { readonly [K in ListKind]: () => readonly string[] } = {
  "E.164": () =>
    areaCodes.flatMap((area) =>
      Array.from({ length: 100 }, (_, index) => `+1${area}55501${String(index).padStart(2, "0")}`),
    ),
  "US, four spellings": () => Array.from({ length: people }, (_, index) => spell(numberOf(index * 8), index)),
  "all countries": worldNumbers,
};

function spell(number: string, index: number): string {
  const [area, exchange, line] = [number.slice(2, 5), number.slice(5, 8), number.slice(8)];
  const ways = [
    number,
    `(${area}) ${exchange}-${line}`,
    `${area}-${exchange}-${line}`,
    `1 ${area} ${exchange} ${line}`,
  ];
  return ways[index % ways.length] ?? number;
}

let world: readonly string[] | undefined;

function worldNumbers(): readonly string[] {
  world ??= pickWorld();
  return world;
}

/** Each subscriber once, in one form after the other. */
function pickWorld(): readonly string[] {
  const byNumber = new Map<string, string>();
  for (const { form, text, meant } of writtenNumbers(new Random(1))) {
    if (byNumber.size === people) break;
    if (form === worldForms[byNumber.size % worldForms.length] && !byNumber.has(meant)) byNumber.set(meant, text);
  }
  return [...byNumber.values()];
}
