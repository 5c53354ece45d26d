/**
 * Digits of a form that a country has retired, with its calling code, and what the same subscriber has today. Only where one rule
 * tells it of every number: where the operator decided (Côte d'Ivoire, 2021), a number that was ported would be somebody else's.
 */
type Retired = { readonly old: RegExp; readonly today: string | ((digits: string) => string) };

// Viet Nam, 2018-09-15: eleven digits became ten, operator by operator, the last seven stay (Ministry of Information and Communications).
const vietnam: Readonly<Record<string, string>> = {
  120: "70",
  121: "79",
  122: "77",
  126: "76",
  128: "78",
  123: "83",
  124: "84",
  125: "85",
  127: "81",
  129: "82",
  186: "56",
  188: "58",
  199: "59",
};

const retired: readonly Retired[] = [
  // Mexico, 2020: no 1 for mobiles from abroad, and no 01, 044, 045 inside (IFT).
  { old: /^52(?:1|01|044|045)(\d{10})$/, today: "52$1" },
  // Brazil, 2012 to 2016: mobiles got a 9 in front (Anatel, resolution 553). What begins with 7 may be a number of another kind.
  { old: /^55(0?\d\d)([689]\d{7})$/, today: "55$19$2" },
  // Viettel's eight, which change one digit for two.
  { old: /^840?16([2-9]\d{7})$/, today: "843$1" },
  { old: /^840?(12[0-9]|18[68]|199)(\d{7})$/, today: (digits) => toTodaysVietnam(digits) },
];

/**
 * Today's digits of a number in a form that its country has retired, where that form had one meaning only. `digits` have
 * their calling code and no plus; undefined for any other number. Whether a subscriber has it is for the caller to see.
 */
export function toTodaysForm(digits: string): string | undefined {
  const form = retired.find(({ old }) => old.test(digits));
  if (form === undefined) return undefined;
  return typeof form.today === "string" ? digits.replace(form.old, form.today) : form.today(digits);
}

/** Forms, in E.164, in which a number may have been written before its country changed it: the other way round than `toTodaysForm`. */
export function olderFormsOf(number: string): readonly string[] {
  if (!/^\+(?:52|55|84)/.test(number)) return [];
  const digits = number.slice(1);
  const forms = [
    digits.replace(/^52(\d{10})$/, "521$1"),
    digits.replace(/^55(\d\d)9([689]\d{7})$/, "55$1$2"),
    digits.replace(/^843([2-9]\d{7})$/, "8416$1"),
    ...Object.entries(vietnam).map(([old, today]) => digits.replace(new RegExp(`^84${today}(\\d{7})$`), `84${old}$1`)),
  ];
  return [...new Set(forms)].filter((form) => form !== digits).map((form) => `+${form}`);
}

function toTodaysVietnam(digits: string): string {
  const [, operator = "", rest = ""] = /^840?(\d{3})(\d{7})$/.exec(digits) ?? [];
  return `84${vietnam[operator] ?? operator}${rest}`;
}
