import { describe, expect, it } from "vitest";
import { readApprovalForm, toApprovalForm } from "../../src/mcp/approval-form.ts";
import { summary } from "./asking-tool.ts";

describe("the form", () => {
  it("asks for the number of people, which it does not fill in, and for a tick, which it does not set", () => {
    expect(toApprovalForm(summary)).toMatchObject({ mode: "form", message: expect.stringContaining("June reminders") });
    expect(toApprovalForm(summary).requestedSchema).toEqual({
      type: "object",
      properties: {
        recipients: {
          type: "integer",
          title: "Number of people",
          description: "Type the number of people to call",
        },
        agree: {
          type: "boolean",
          title: "I agree to these calls",
          description: "Real phones ring, and a call cannot be taken back",
          default: false,
        },
      },
      required: ["recipients", "agree"],
    });
  });
});

describe("an answer", () => {
  const accept = (content?: unknown) => ({ launch: { action: "accept", content } });

  it.each([42, 7, 0, -1, 41.5])("agrees with the number as it was typed: %s", (recipients) => {
    expect(readApprovalForm(accept({ recipients, agree: true }))).toEqual({
      kind: "accepted",
      typedRecipients: recipients,
    });
  });

  it.each([
    ["the box is not ticked", accept({ recipients: 42, agree: false })],
    ["the person declined", { launch: { action: "decline" } }],
    [
      "the person declined, whatever else it says",
      { launch: { action: "decline", content: { recipients: 42, agree: true } } },
    ],
  ])("is no when %s", (_what, responses) => {
    expect(readApprovalForm(responses)).toEqual({ kind: "declined" });
  });

  it.each([
    ["none came", undefined],
    ["the person closed the form", { launch: { action: "cancel" } }],
    ["it is to another form", { other: { action: "accept", content: { recipients: 42, agree: true } } }],
    ["it holds nothing", accept()],
    ["it lacks the number", accept({ agree: true })],
    ["it lacks the tick", accept({ recipients: 42 })],
    ["the number is text", accept({ recipients: "42", agree: true })],
    ["the tick is text", accept({ recipients: 42, agree: "true" })],
    ["the number is none", accept({ recipients: Number.NaN, agree: true })],
    ["its content is a list", accept([42, true])],
    ["it is no object", { launch: "accept" }],
    ["it is wrapped", { launch: { method: "elicitation/create", result: { action: "accept" } } }],
    ["its action is unknown", { launch: { action: "agree", content: { recipients: 42, agree: true } } }],
  ])("counts for nothing when %s", (_what, responses) => {
    expect(readApprovalForm(responses)).toEqual({ kind: "closed" });
  });
});
