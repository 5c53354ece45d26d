import { aboutPhoneWords, amountWords, connectors, dateWords, idWords } from "./column-words.ts";
import { type HeaderText, toHeaderText } from "./header-text.ts";
import {
  faxWords,
  lesserWords,
  phoneNames,
  phoneWords,
  primaryWords,
  somebodyElse,
  vagueNames,
} from "./phone-words.ts";

/**
 * What a name says about its column. `chosen` to `lesser` are names for phone numbers, the best first; `vague` ones may hold
 * some; `forbidden` ones hold somebody else's or other numbers, and are called only when they are asked for.
 */
export type NameKind = "chosen" | "primary" | "plain" | "lesser" | "vague" | "forbidden" | "unknown";

export function nameKind(name: string): NameKind {
  const header = toHeaderText(name);
  if (/^tonumber\d*$/.test(header.compact)) return "chosen";
  // Google writes each of a person's phones as "Phone 2 - Value".
  if (phoneNames.has(header.compact) || /^phone\d+value$/.test(header.compact)) return "plain";
  if (faxWords.isIn(header)) return "forbidden";
  if (phoneWords.isIn(header)) return phoneKind(header);
  if (vagueNames.has(header.compact)) return "vague";
  return somebodyElse.isIn(header) || isOtherNumber(header) || aboutPhoneWords.isIn(header) ? "forbidden" : "unknown";
}

export function isPhoneKind(kind: NameKind): boolean {
  return kind === "chosen" || kind === "primary" || kind === "plain" || kind === "lesser";
}

// What follows says how the number is written: "Phone (with country code)".
const manner = new Set(["with", "incl", "including", "mit", "inkl", "inklusive", "avec", "con", "com", "met"]);

function phoneKind(whole: HeaderText): NameKind {
  const mannerAt = whole.words.findIndex((word, index) => index > 0 && manner.has(word));
  const header = mannerAt < 0 ? whole : { ...whole, words: whole.words.slice(0, mannerAt) };
  if (somebodyElse.isIn(header) || aboutPhoneWords.isIn(header)) return "forbidden";
  if (isOtherNumber(header) && !isHeadOfName(header)) return "forbidden";
  if (primaryWords.isIn(header)) return "primary";
  return lesserWords.isIn(header) ? "lesser" : "plain";
}

/** `Order phone` and `Teléfono del pedido` are phones; `Phone order` is an order. */
function isHeadOfName(header: HeaderText): boolean {
  const words = header.words.filter((word) => !/^\d+$/.test(word) && !["no", "nr", "number", "nummer"].includes(word));
  const head = connectors.isIn(header) ? words[0] : words.at(-1);
  if (head === undefined) return false;
  const alone = { compact: head, words: [head] };
  return phoneWords.isIn(alone) && !isOtherNumber(alone);
}

function isOtherNumber(header: HeaderText): boolean {
  return idWords.isIn(header) || dateWords.isIn(header) || amountWords.isIn(header);
}
