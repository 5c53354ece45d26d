import type { Recipient } from "../../domain/batch/plan.ts";
import type { ContactList } from "../../domain/list/list.ts";
import { parsePhoneNumber } from "../../domain/phone/phone-number.ts";
import { isIssue } from "../../domain/problem.ts";
import { type NumberPolicy, refuseByPolicy, type StartPolicy, toNumberPolicy } from "../../domain/start-policy.ts";
import { counted } from "../../domain/text.ts";
import type { ToolContext } from "../tool.ts";

const mostNamed = 8;

/** People with the fallback numbers that may be called, and the rows of those who have one that may not. */
export type FallbackChoice = { readonly recipients: readonly Recipient[]; readonly withheld: readonly number[] };

/** Takes away fallback numbers of a country or a type that the operator does not allow from these numbers: nobody would be called there. */
export function chooseFallbacks(
  recipients: readonly Recipient[],
  callerIds: readonly string[],
  policy: StartPolicy,
): FallbackChoice {
  const allowed = toNumberPolicy(policy, callerIds);
  const isRefused = (recipient: Recipient) => isRefusedFallback(recipient, allowed);
  const withheld = recipients.filter((recipient) => recipient.hasWithheld || isRefused(recipient));
  const withoutRefused = (recipient: Recipient): Recipient => {
    if (!isRefused(recipient)) return recipient;
    const { fallbackNumber: _, ...own } = recipient;
    return own;
  };
  return { recipients: recipients.map(withoutRefused), withheld: withheld.map(({ row }) => row) };
}

function isRefusedFallback({ fallbackNumber }: Recipient, allowed: NumberPolicy): boolean {
  if (fallbackNumber === undefined) return false;
  const number = parsePhoneNumber(fallbackNumber);
  return isIssue(number) || refuseByPolicy(number, allowed) !== undefined;
}

/** What becomes of second numbers that are not called, in sentences. */
export async function fallbackWarnings(
  { shape, plan }: ContactList,
  withheld: readonly number[],
  { api }: Pick<ToolContext, "api">,
): Promise<readonly string[]> {
  if (plan.phone.length < 2) return [];
  const [first, ...others] = plan.phone.map((index) => JSON.stringify(shape.columns[index] ?? ""));
  if (!(await api.hasBrake())) {
    return [`This API calls one number a person: the numbers in ${others.join(" and ")} are not called.`];
  }
  const rows = `${withheld.slice(0, mostNamed).join(", ")}${withheld.length > mostNamed ? " and more" : ""}`;
  return [
    others.length > 1 &&
      `A person is called on two numbers at most: the first two of ${[first, ...others].join(", ")} that can be called.`,
    withheld.length > 0 &&
      `Fallback numbers in ${counted(withheld.length, "row")} (${rows}) are not called: they are on the do-not-call list, are from_number, or are of a country or type that the operator does not allow.`,
  ].filter((warning) => typeof warning === "string");
}
