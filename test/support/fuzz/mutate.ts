import { isObject } from "../../../src/contract/envelope.ts";
import type { Random } from "../random.ts";
import { oddKeys, oddValue } from "./odd-values.ts";

/** The value with one thing in it changed: somewhere another type, a near name, a field less or more, a word in other letters. */
export function mutate(value: unknown, random: Random): unknown {
  if (Array.isArray(value)) return mutateList(value, random);
  if (isObject(value)) return mutateObject(value, random);
  return changeLeaf(value, random);
}

function mutateObject(value: Readonly<Record<string, unknown>>, random: Random): unknown {
  const entries = Object.entries(value);
  const at = random.below(entries.length);
  const entry = entries[at];
  if (!entry) return withEntry(entries, [random.pickAny(oddKeys) ?? "", oddValue(random)]);
  const [name, inner] = entry;
  const others = entries.filter((_entry, index) => index !== at);
  switch (random.below(16)) {
    case 0:
      return Object.fromEntries(others);
    case 1:
      return withEntry(entries, [random.pickAny(oddKeys) ?? "", oddValue(random)]);
    case 2:
      return withEntry(others, [misspell(name, random), inner]);
    case 3:
      return withEntry(entries, [misspell(name, random), oddValue(random)]);
    case 4:
      return withEntry(others, [name, entries[random.below(entries.length)]?.[1]]);
    case 5:
      return random.chance(0.3) ? wrap(value, random) : withEntry(others, [name, wrap(inner, random)]);
    default:
      return Object.fromEntries(entries.map(([key, old], index) => [key, index === at ? mutate(old, random) : old]));
  }
}

function mutateList(value: readonly unknown[], random: Random): unknown {
  const at = random.below(value.length);
  switch (random.below(10)) {
    case 0:
      return value.filter((_entry, index) => index !== at);
    case 1:
      return [...value, value[at]];
    case 2:
      return [...value, oddValue(random)];
    case 3:
      return wrap(value, random);
    case 4:
      return value[0];
    default:
      return value.length === 0
        ? oddValue(random)
        : value.map((entry, index) => (index === at ? mutate(entry, random) : entry));
  }
}

function changeLeaf(value: unknown, random: Random): unknown {
  if (random.chance(0.4)) return oddValue(random);
  if (random.chance(0.15)) return wrap(value, random);
  if (typeof value === "number")
    return random.pick<unknown>([String(value), -value, value + 0.5, value * 1e6, [value]]);
  if (typeof value === "boolean") return random.pick<unknown>([String(value), Number(value), value ? "yes" : "no"]);
  if (typeof value !== "string") return oddValue(random);
  return changeText(value, random);
}

function changeText(text: string, random: Random): unknown {
  const at = random.below(text.length + 1);
  switch (random.below(9)) {
    case 0:
      return text.toUpperCase();
    case 1:
      return ` ${text}\n`;
    case 2:
      return text.slice(0, at);
    case 3:
      return `${text.slice(0, at)}${random.pick(["\u0000", "\u200b", "é", "'", '"', "\\", "%", "\ud83d"])}${text.slice(at)}`;
    case 4:
      return text.repeat(1 + random.below(50));
    case 5:
      return Number.isNaN(Number(text)) ? text.replaceAll("_", "-") : Number(text);
    case 6:
      return [...text].toReversed().join("");
    case 7:
      return misspell(text, random);
    default:
      return text.replaceAll(/\d/g, () => String(random.below(10)));
  }
}

/** A name as somebody may write it who half remembers it. */
function misspell(name: string, random: Random): string {
  const at = random.below(name.length);
  switch (random.below(6)) {
    case 0:
      return name.slice(0, at) + name.slice(at + 1);
    case 1:
      return `${name}s`;
    case 2:
      return name.replaceAll(/_(\w)/g, (_all, letter: string) => letter.toUpperCase());
    case 3:
      return name.toUpperCase();
    case 4:
      return name.slice(0, at) + (name[at + 1] ?? "") + (name[at] ?? "") + name.slice(at + 2);
    default:
      return name.replaceAll("_", random.pick(["-", " ", ".", ""]));
  }
}

function wrap(value: unknown, random: Random): unknown {
  return random.pick<unknown>([[value], { value }, JSON.stringify(value), [value, value], { name: value }]);
}

/** Unlike an object literal, this makes a field of `__proto__`. */
function withEntry(entries: readonly (readonly [string, unknown])[], added: readonly [string, unknown]): object {
  return Object.fromEntries([...entries, added]);
}
