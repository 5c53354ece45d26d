import { isObject } from "../../../contract/envelope.ts";
import { present } from "../../../contract/fields.ts";
import type { CallNumbers } from "../whose-call.ts";

/** The numbers of a call by the names that a platform has for them. What is none in E.164, such as a SIP address, names nobody. */
export function numbersIn(fields: unknown, toName: string, fromName?: string): CallNumbers {
  const told = isObject(fields) ? fields : {};
  const fromNumber = fromName === undefined ? undefined : numberIn(told[fromName]);
  return present({ toNumber: numberIn(told[toName]), fromNumber });
}

function numberIn(value: unknown): string | undefined {
  return typeof value === "string" && /^\+\d+$/.test(value) ? value : undefined;
}
