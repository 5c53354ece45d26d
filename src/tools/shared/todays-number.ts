import { toTodaysNumber } from "../../domain/phone/phone-number.ts";
import { toTodaysForm } from "../../domain/phone/retired-forms.ts";

/** Today's form of a number that a list has. Only a list that an older version read can have another one, so few are read again. */
export function todaysNumberOf(listed: string): string {
  return toTodaysForm(listed.slice(1)) === undefined ? listed : toTodaysNumber(listed);
}
