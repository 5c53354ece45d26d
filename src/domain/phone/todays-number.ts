import { isIssue } from "../problem.ts";
import { type E164, parseE164 } from "./phone-number.ts";
import { toTodaysForm } from "./retired-forms.ts";

/** Today's form of a number that a list has. Only a list that an older version read can have another one, so few are read again. */
export function todaysNumberOf<T extends string>(listed: T): T | E164 {
  if (toTodaysForm(listed.slice(1)) === undefined) return listed;
  const read = parseE164(listed);
  return isIssue(read) ? listed : read;
}
