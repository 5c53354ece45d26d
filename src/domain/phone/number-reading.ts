/** How digits without a plus are read that could be a national number and one with its own country code. */
export type BareDigits =
  | "national"
  | "international"
  /** The column has both, so that digits with two legal readings stay doubtful whatever code they carry. */
  | "mixed";

/** What a cell beside a number says of its country. */
export type RowCountry =
  | { readonly kind: "country"; readonly country: string }
  /** Digits without the plus: `44`. */
  | { readonly kind: "calling_code"; readonly callingCode: string };

/** What a number is read by, beside its own text. */
export type NumberReading = {
  /** Country of numbers without one, ISO 3166-1 alpha-2; what `isCountryCode` refuses counts as none. */
  readonly country?: string;
  /** Wins over `country`; a number that contradicts it is refused. */
  readonly beside?: RowCountry;
  /** What the rest of the column says; without it digits with two legal readings are refused with both. */
  readonly bareDigits?: BareDigits;
};
