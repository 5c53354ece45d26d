/** A header as it is compared: letters and digits only, in one case and without accents. */
export type HeaderText = {
  /** `Téléphone n°` and `telephone_n` are the same. */
  readonly compact: string;
  /** With the words apart: `firstName` is `first name`. */
  readonly words: readonly string[];
};

// Written in one word by everybody, with a capital inside.
const brand = /whatsapp/gi;

export function toHeaderText(header: string): HeaderText {
  const apart = header
    .replace(brand, "whatsapp")
    .replace(/(\p{Ll}|\p{N})(?=\p{Lu})/gu, "$1 ")
    .replace(/(\p{Lu})(?=\p{Lu}\p{Ll})/gu, "$1 ");
  const words = foldCase(apart)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
  return { compact: words.join(""), words };
}

export function compactName(name: string): string {
  return toHeaderText(name).compact;
}

function foldCase(text: string): string {
  return text
    .normalize("NFKD")
    .toLowerCase()
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .replaceAll("ı", "i");
}

/** Words and phrases to look for in headers. */
export type WordList = { readonly isIn: (header: HeaderText) => boolean };

/**
 * Comma-separated words or phrases. `*` stands for any letters before or after (`*fax`, `notfall*`); a phrase in a script
 * that puts no spaces between words, or joins them to prefixes, is found anywhere.
 */
export function wordList(list: string): WordList {
  const pattern = new RegExp(list.split(",").map(toPattern).join("|"), "u");
  return { isIn: ({ words }) => pattern.test(` ${words.join(" ")} `) };
}

/** Names that a header must equal. */
export function nameSet(list: string): ReadonlySet<string> {
  return new Set(list.split(",").map((name) => compactName(name.toLowerCase())));
}

function toPattern(entry: string): string {
  const phrase = entry.trim();
  const words = toHeaderText(phrase.toLowerCase()).words.join(" ");
  if (!/[a-z]/.test(words) && !/\p{Script=Cyrillic}|\p{Script=Greek}/u.test(words)) return words;
  return `${phrase.startsWith("*") ? "" : " "}${words}${phrase.endsWith("*") ? "" : " "}`;
}
