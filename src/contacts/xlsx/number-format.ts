/** How a cell shows its number, as far as it changes what people read. */
export type NumberFormat =
  | { readonly kind: "plain" }
  | { readonly kind: "date"; readonly hasDay: boolean; readonly hasTime: boolean }
  /** Digits put into a pattern: `00000`, `"+"0`, `000-0000`. */
  | { readonly kind: "digits"; readonly sections: readonly DigitSection[] }
  | { readonly kind: "decimals"; readonly decimals: number; readonly isPercent: boolean };

export type DigitSection = { readonly pattern: readonly DigitPart[]; readonly atMost: number };
type DigitPart = { readonly literal: string } | { readonly placeholder: "0" | "#" };

const maxCodeLength = 255;

const plain: NumberFormat = { kind: "plain" };

/** Formats that every workbook knows by number (ECMA-376 part 1, 18.8.30); those of East Asia are dates and times too. */
export function builtInFormat(id: number): NumberFormat {
  if ([14, 15, 16, 17, 27, 28, 29, 30, 31, 36].includes(id) || (id >= 50 && id <= 54) || id === 57 || id === 58) {
    return { kind: "date", hasDay: true, hasTime: false };
  }
  if ((id >= 18 && id <= 21) || (id >= 32 && id <= 35) || (id >= 45 && id <= 47) || id === 55 || id === 56) {
    return { kind: "date", hasDay: false, hasTime: true };
  }
  if (id === 22) return { kind: "date", hasDay: true, hasTime: true };
  if (id === 9 || id === 10) return { kind: "decimals", decimals: id === 9 ? 0 : 2, isPercent: true };
  return id === 2 || id === 4 ? { kind: "decimals", decimals: 2, isPercent: false } : plain;
}

/** Reads a format code such as `dd.mm.yyyy` or `"+"00 000`. What is not understood shows the number as it is. */
export function parseFormat(code: string): NumberFormat {
  const bare = code.slice(0, maxCodeLength).replace(/"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]/gi, "");
  const first = bare.split(";", 1)[0] ?? "";
  if (/general|@|e[+-]/i.test(first)) return plain;
  if (/[ymdhs]/i.test(first)) return dateFormat(first);
  const isPercent = first.includes("%");
  const decimals = Math.min(20, /\.(0+)/.exec(first)?.[1]?.length ?? 0);
  if (isPercent || decimals > 0) return { kind: "decimals", decimals, isPercent };
  return /[.,/]/.test(first) ? plain : digitsFormat(code.slice(0, maxCodeLength));
}

function dateFormat(code: string): NumberFormat {
  const hasTime = /[hs]/i.test(code);
  // Beside hours or seconds "m" are minutes.
  const hasDay = /[yd]/i.test(code) || (!hasTime && /m/i.test(code));
  return { kind: "date", hasDay, hasTime };
}

function digitsFormat(code: string): NumberFormat {
  const sections = splitSections(code).slice(0, 2).map(toSection);
  const isKnown = sections.every((section) => section !== undefined);
  const hasPlaceholder = sections.every((section) => section?.pattern.some((part) => "placeholder" in part));
  if (!isKnown || !hasPlaceholder) return plain;
  const known = sections.flatMap((section) => section ?? []);
  // Without a condition the second section is for negative numbers, which are no digits.
  const used = known[0]?.atMost === Number.POSITIVE_INFINITY ? known.slice(0, 1) : known;
  return { kind: "digits", sections: used };
}

function splitSections(code: string): readonly string[] {
  return code.match(/(?:"[^"]*"|\\.|[^;"\\])+/g) ?? [];
}

/** Undefined for a section with anything but digits and what is shown around them. */
function toSection(code: string): DigitSection | undefined {
  const condition = /^\s*\[<=?(\d+)\]/.exec(code);
  const pattern: DigitPart[] = [];
  for (const [token] of code.matchAll(/"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|./g)) {
    if (token === "0" || token === "#" || token === "?") pattern.push({ placeholder: token === "0" ? "0" : "#" });
    else if (token.startsWith('"')) pattern.push({ literal: token.slice(1, -1) });
    else if (token.startsWith("\\")) pattern.push({ literal: token.slice(1) });
    else if (/^[ ()+-]$/.test(token)) pattern.push({ literal: token });
    else if (!/^(?:\[|_|\*)/.test(token)) return undefined;
  }
  return { pattern, atMost: condition === null ? Number.POSITIVE_INFINITY : Number(condition[1]) };
}
