/**
 * The number of recipients as a person types it, `1000` or `1,000`; undefined for anything else, so that what is no
 * number counts neither as right nor as wrong.
 */
export function parseTypedCount(text: string): number | undefined {
  const digits = text.trim();
  if (!/^(?:\d{1,9}|\d{1,3}(?:[ ,.'’\u00a0\u202f]\d{3}){1,2})$/.test(digits)) return undefined;
  return Number(digits.replace(/\D/g, ""));
}
