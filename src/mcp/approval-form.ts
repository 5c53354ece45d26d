import { acceptedContent, type ElicitRequestFormParams, inputResponse } from "@modelcontextprotocol/server";
import { z } from "zod";
import { type Fact, realCallsNotice, toQuestion, toSummaryFacts } from "../campaigns/approve/index.ts";
import { joinParts, plainText } from "../domain/text.ts";
import type { FormAnswer, StartSummary } from "../tools/tool.ts";

/** How long a person has to answer: longer than any client waits for a call, shorter than the question itself is open. */
export const formOpenForMs = 10 * 60 * 1000;

/** The name of the form among the things that a client is asked for. */
export const approvalFormKey = "launch";

/** What came back for each thing that a client was asked for. Anything can be in it. */
type FormResponses = Readonly<Record<string, unknown>> | undefined;

const requestedSchema: ElicitRequestFormParams["requestedSchema"] = {
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
};

const content = z.object({ recipients: z.number(), agree: z.boolean() });

/** The form in which a person agrees to a start. Nothing in it is filled in for them. */
export function toApprovalForm(summary: StartSummary): ElicitRequestFormParams {
  return { mode: "form", message: toFormMessage(summary), requestedSchema };
}

/** Only a form that was sent with the box ticked and a number typed is agreement; the number is passed on as typed. */
export function readApprovalForm(responses: FormResponses): FormAnswer {
  const typed = acceptedContent(responses, approvalFormKey, content);
  if (typed) return typed.agree ? { kind: "accepted", typedRecipients: typed.recipients } : { kind: "declined" };
  const response = inputResponse(responses, approvalFormKey);
  const isDeclined = response.kind === "elicit" && response.action === "decline";
  return { kind: isDeclined ? "declined" : "closed" };
}

/** What a person reads before they agree: plain text, a line for each fact. */
export function toFormMessage(summary: StartSummary): string {
  return [`${toQuestion(summary)} ${realCallsNotice}`, ...toSummaryFacts(summary).map(toLine)].join("\n");
}

// Clients cut a long form, and what stands last is the button.
const mostLines = 3;
const longestLine = 160;

function shorten(lines: readonly string[]): readonly string[] {
  const more = lines.length - mostLines;
  const shown = lines.slice(0, mostLines).map((line) => plainText(line, longestLine));
  return more > 0 ? [...shown, `and ${more} more`] : shown;
}

function toLine(fact: Fact): string {
  const { label, kind } = fact;
  const [first = "", ...rest] = fact.isLong ? shorten(fact.lines) : fact.lines;
  if (kind === "list") return `${label}: ${joinParts([first, ...rest])}`;
  return `${label}: ${rest.length > 0 ? `${first} (${rest.join("; ")})` : first}`;
}
