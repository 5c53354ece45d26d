import type { BareDigits, NumberReading } from "./number-reading.ts";
import { tidyPhoneText } from "./phone-text.ts";
import { readBareDigits, toCountry } from "./read-number.ts";

/** Among digits that only one reading fits, one in twenty may be a slip. */
const clearShare = 19;

/**
 * Watches a column go by and says how its digits without a plus are meant. Only digits that have a single legal reading
 * count: those that could be both prove nothing, for a town whose area code begins like its country's own code has a whole
 * column of them. Nor do those with a national prefix, which say themselves what they are.
 */
export class BareDigitsEvidence {
  #national = 0;
  #international = 0;
  #both = 0;

  /** `reading` is what the cell is read by, with the country beside it. Costs a look at most of the cells. */
  add(cell: string, reading: NumberReading): void {
    if (cell.includes("+")) return;
    const country = toCountry(reading);
    if (country === undefined) return;
    const tidy = tidyPhoneText(cell);
    if (!/^[1-9][\d\s()./-]{6,}$/.test(tidy)) return;
    const digits = tidy.replace(/\D/g, "");
    const bare = readBareDigits(digits, country);
    const { national, ownCode } = bare;
    if (national !== undefined && !ownCode) {
      this.#national++;
      return;
    }
    const international = bare.international();
    if (national === undefined) this.#international += international === undefined ? 0 : 1;
    else if (international === undefined) this.#national++;
    else if (international.e164 !== national.e164) this.#both++;
  }

  /** Undefined where the column does not tell. */
  verdict(): BareDigits | undefined {
    if (this.#international === 0) return this.#both === 0 && this.#national > 0 ? "national" : undefined;
    if (this.#national * clearShare <= this.#international && this.#both <= this.#international) return "international";
    return "mixed";
  }
}
