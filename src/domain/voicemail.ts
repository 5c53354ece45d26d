import type { Issue } from "./problem.ts";
import { counted } from "./text.ts";

/** What to do when a voicemail picks up, as people write it. */
export const voicemailModes = ["retry", "accept", "leave_message"] as const;

/**
 * `retry`: the retry rules decide, as where nothing is said. `accept`: the recipient is done, and is not called again.
 * `leave_message`: the carrier speaks the message, and who got it is done; where it could not, the retry rules decide.
 */
export type VoicemailRule =
  | { readonly mode: "retry" | "accept" }
  /** `{{name}}` stands for a variable of the recipient. */
  | { readonly mode: "leave_message"; readonly message: string };

export const longestMessage = 1000;

const placeholder = /{{\s*([^{}]+?)\s*}}/g;

/** Names of variables that stand in a message, each once. */
export function variablesOf(message: string): readonly string[] {
  return [...new Set([...message.matchAll(placeholder)].flatMap(([, name]) => name ?? []))];
}

/**
 * The message for one recipient. Undefined where they have no value for a variable in it: a message with a gap is left to nobody.
 */
export function fillMessage(message: string, variables: Readonly<Record<string, unknown>>): string | undefined {
  const textOf = (name: string) => {
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? `${value}` : "";
  };
  if (variablesOf(message).some((name) => textOf(name).trim() === "")) return undefined;
  return message.replace(placeholder, (_, name: string) => textOf(name));
}

type RetryPart = {
  readonly retryConfig?: { readonly enabled: boolean; readonly maxAttempts: number };
  readonly retryRules?: readonly { readonly condition: string; readonly enabled: boolean }[];
};

/**
 * What a voicemail rule contradicts in the retry rules beside it. `attempts`: the most that one number gets; by `retryConfig` where
 * recipients are not known.
 */
export function voicemailIssues(
  rule: VoicemailRule | undefined,
  { retryConfig, retryRules = [] }: RetryPart,
  attempts: number = retryConfig?.enabled ? retryConfig.maxAttempts : 1,
): readonly Issue[] {
  const at = retryRules.findIndex(({ condition, enabled }) => enabled && condition === "voicemail");
  const issue = (field: string, code: string, message: string): readonly Issue[] => [{ field, code, message }];
  switch (rule?.mode) {
    case undefined:
      return [];
    case "accept":
      if (at === -1) return [];
      return issue(
        "voicemail.mode",
        "contradiction",
        `"accept" ends the calls to whoever has a voicemail, and retry_rules[${at}] calls again after voicemail. Leave one of them out.`,
      );
    case "retry":
      if (attempts > 1 && (at !== -1 || retryRules.length === 0)) return [];
      return issue(
        "voicemail.mode",
        "contradiction",
        attempts > 1
          ? '"retry" needs a rule: retry_rules name other outcomes and not voicemail. Add { condition: "voicemail", enabled: true, retry_timing }, or set mode "accept".'
          : '"retry" needs another attempt, and each recipient is called once. Add retry_config { enabled: true, max_attempts: 2 or more }, or set mode "accept".',
      );
    case "leave_message": {
      const { message } = rule;
      if (message.trim() === "") return issue("voicemail.message", "required", "The message has no words.");
      if (message.length <= longestMessage) return [];
      return issue(
        "voicemail.message",
        "too_long",
        `The message has ${message.length} characters; at most ${longestMessage} are accepted.`,
      );
    }
  }
}

/** Rows that have no value for a variable of the message. */
export function messageIssues(
  rule: VoicemailRule | undefined,
  people: readonly { readonly row: number; readonly variables: Readonly<Record<string, unknown>> }[],
): readonly Issue[] {
  if (rule?.mode !== "leave_message") return [];
  const lacking = people.filter(({ variables }) => fillMessage(rule.message, variables) === undefined);
  const [first] = lacking;
  if (!first) return [];
  const names = variablesOf(rule.message).filter((name) => fillMessage(`{{${name}}}`, first.variables) === undefined);
  const message = `The message has {{${names.join("}}, {{")}}}, and ${lacking.length} of ${counted(people.length, "recipient")} ${lacking.length === 1 ? "has" : "have"} no value for it, row ${first.row} first. Nobody is left a message with a gap: take it out of the message, or give the value.`;
  return [{ field: "voicemail.message", code: "unknown_variable", message }];
}

/** In words; undefined where the retry rules say all of it. */
export function toVoicemailText(rule: VoicemailRule | undefined): string | undefined {
  switch (rule?.mode) {
    case undefined:
    case "retry":
      return undefined;
    case "accept":
      return "a voicemail that picks up counts as done: nobody is called again after it";
    case "leave_message":
      return `a voicemail that picks up is left this message, once: "${rule.message}"`;
  }
}
