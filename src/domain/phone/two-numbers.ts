const hardSeparator =
  /[;|&\n\r]+|,(?!,)|\s+(?:or|and|oder|und|bzw\.?|u\.|ou|et|o|ó|y|e|of|en|eller|och|lub|i|или|и)\s+|(?<=\d[\s)]*)(?=\+)/iu;

// Nothing of it separates two numbers.
const onlyOne = /^\+?[\d ().-]*$/;

// Nothing but a slash may separate two.
const onlySlashes = /^\+?[\d ()./\\-]*$/;

/** A longer text is no number to the library either, and patterns that look back take the square of its length. */
const longestCell = 250;

/**
 * The numbers that one cell names, each as it would stand alone: `0176 1234567 or 0171 2345678`, `030 123456/57`. Undefined
 * for a cell that names one. `isWhole` tells whether a text alone is a whole number, by which `030/123456` is one and
 * `030 123456/57` two.
 */
export function splitNumbers(text: string, isWhole: (part: string) => boolean): readonly string[] | undefined {
  if (onlyOne.test(text) || text.length > longestCell || /ext|;\s*[a-z-]+=|,,/i.test(text)) return undefined;
  if (onlySlashes.test(text)) return splitAtSlash(text, isWhole);
  const parts = text
    .split(hardSeparator)
    .map((part) => part.trim())
    .filter((part) => part !== "");
  if (parts.length > 1) return parts.every((part) => isListed(part)) ? parts : undefined;
  return splitAtSlash(text, isWhole);
}

/** At least four digits and no words; `4,155,550,123` is one number. */
function isListed(part: string): boolean {
  return part.replace(/\D/g, "").length >= 4 && !/\p{L}/u.test(part);
}

function splitAtSlash(text: string, isWhole: (part: string) => boolean): readonly string[] | undefined {
  const at = [...text.matchAll(/[/\\]/g)].map(({ index }) => index);
  const cut = at.find((index) => isWhole(text.slice(0, index)) && /\d/.test(text.slice(index + 1)));
  if (cut === undefined) return undefined;
  const first = text.slice(0, cut).trim();
  const second = text.slice(cut + 1).trim();
  return [first, isWhole(second) ? second : withTail(first, second)];
}

/** `030 123456` and `57` are `030 123457`. */
function withTail(first: string, tail: string): string {
  const digits = tail.replace(/\D/g, "");
  const head = first.replace(/\D+$/, "");
  let kept = head.length;
  for (let left = digits.length; left > 0 && kept > 0; kept--) if (/\d/.test(head[kept - 1] ?? "")) left--;
  return head.slice(0, kept) + digits;
}
