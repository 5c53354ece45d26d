import { describe, expect, test } from "vitest";
import {
  fillMessage,
  messageIssues,
  type VoicemailRule,
  variablesOf,
  voicemailIssues,
} from "../../src/domain/voicemail.ts";

describe("a message", () => {
  test.each([
    ["Hello {{first_name}}.", { first_name: "Ada" }, "Hello Ada."],
    ["{{ a }}{{a}} {{n}}", { a: "$&", n: 3 }, "$&$& 3"],
    ["Hello {{first_name}}.", {}, undefined],
    ["Hello {{first_name}}.", { first_name: "  " }, undefined],
    ["Hello {{toString}}.", {}, undefined],
    ["No variable, { one } brace.", {}, "No variable, { one } brace."],
  ])("%j with %j is %j", (message, variables, filled) => {
    expect(fillMessage(message, variables)).toBe(filled);
  });

  test("names its variables, each once", () => {
    expect(variablesOf("{{a}} {{ b }} {{a}}")).toEqual(["a", "b"]);
  });

  test("with a gap for somebody is refused, with the rows", () => {
    const rule: VoicemailRule = { mode: "leave_message", message: "Hello {{name}}, {{day}}" };
    const person = (row: number, variables: Record<string, string>) => ({ row, variables });
    expect(messageIssues(rule, [person(1, { name: "Ada", day: "Monday" })])).toEqual([]);
    const [issue] = messageIssues(rule, [person(1, { name: "Ada", day: "Monday" }), person(2, { name: "Cem" })]);
    expect(issue?.message).toContain("has {{day}}, and 1 of 2 recipients has no value for it, row 2 first");
  });
});

describe("a voicemail rule beside retry rules", () => {
  const onVoicemail = [{ condition: "voicemail", enabled: true }];
  const onBusy = [{ condition: "busy", enabled: true }];
  const thrice = { enabled: true, maxAttempts: 3 };
  const message = { mode: "leave_message", message: "Hello." } as const;
  test.each<[VoicemailRule, Parameters<typeof voicemailIssues>[1], string | undefined]>([
    [{ mode: "accept" }, { retryConfig: thrice, retryRules: onVoicemail }, "contradiction"],
    [{ mode: "accept" }, { retryConfig: thrice, retryRules: onBusy }, undefined],
    [{ mode: "accept" }, { retryConfig: thrice, retryRules: [{ condition: "voicemail", enabled: false }] }, undefined],
    [{ mode: "accept" }, { retryConfig: thrice }, undefined],
    [{ mode: "retry" }, { retryConfig: thrice }, undefined],
    [{ mode: "retry" }, { retryConfig: thrice, retryRules: onVoicemail }, undefined],
    [{ mode: "retry" }, { retryConfig: thrice, retryRules: onBusy }, "contradiction"],
    [{ mode: "retry" }, {}, "contradiction"],
    [message, { retryConfig: thrice, retryRules: onVoicemail }, undefined],
    [{ mode: "leave_message", message: " " }, {}, "required"],
    [{ mode: "leave_message", message: "x".repeat(1001) }, {}, "too_long"],
  ])("%j and %j: %s", (rule, retries, code) => {
    expect(voicemailIssues(rule, retries).map((issue) => issue.code)).toEqual(code === undefined ? [] : [code]);
  });
});
