// Country calling codes as the ITU assigns them (E.164 annex D); none is the beginning of another.
const callingCode = /^\+(?:1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|[2-9]\d\d)/;

const shownAtMost = 4;
const hiddenAtLeast = 5;

/**
 * A phone number for results and logs: `+14155550123` becomes `+1 *** *** 0123`. The end is shorter where the number
 * is, so that five digits stay hidden; how many they are does not show. Anything else than E.164 loses its beginning too.
 */
export function maskNumber(number: string): string {
  const code = callingCode.exec(number)?.[0] ?? "";
  const digits = number.slice(code.length).replace(/\D/g, "");
  const shown = Math.max(0, Math.min(shownAtMost, digits.length - hiddenAtLeast));
  return `${code} *** *** ${digits.slice(digits.length - shown)}`.trim();
}

/** Text that may hold a number, as it stands but for its digits: the last four are shown where five more are hidden. */
export function maskDigits(text: string): string {
  const digits = text.replace(/\D/g, "").length;
  const hidden = Math.max(hiddenAtLeast, digits - shownAtMost);
  let seen = 0;
  return text.replace(/\d/g, (digit) => (seen++ < hidden ? "*" : digit));
}
