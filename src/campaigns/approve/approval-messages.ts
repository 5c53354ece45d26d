import { counted } from "../../domain/text.ts";
import type { ApprovalRequest } from "./approval.ts";
import { describeStart, people } from "./summary.ts";

/** What a person is told after an answer, or about a question that is over: what happened and what comes next. */
export type AnswerMessage = { readonly title: string; readonly text: string };

const again = "To be asked again, have your assistant start the batch once more.";

/** Words for a question that is no longer open, or for an answer that was just given. */
export function answerMessage(request: ApprovalRequest | undefined): AnswerMessage {
  if (!request) {
    return {
      title: "There is no such question",
      text: `This changed nothing, and says nothing of calls that somebody agreed to before. ${again}`,
    };
  }
  const { summary } = request;
  switch (request.state) {
    case "waiting":
      return { title: `Call ${people(summary.recipients)}?`, text: "This still waits for an answer." };
    case "approved":
      return agreed(summary);
    case "used":
      return {
        title: "Agreed, and used",
        text: `Somebody agreed to call ${people(summary.recipients)}, and the batch was started with it. It cannot be used a second time. Ask your assistant how the batch is doing.`,
      };
    case "declined":
      return {
        title: "Nobody is called",
        text: `The answer was no. Nothing rings, and the batch stays as it was. ${again}`,
      };
    case "voided":
      return {
        title: "This question was withdrawn",
        text: `${request.voidedWhy ?? ""} Nobody is called because of it. ${again}`.trim(),
      };
    case "expired":
      return {
        title: "This question is too old",
        text: `A question stays open for 15 minutes, and these are over. Nobody is called because of it. ${again}`,
      };
  }
}

function agreed(summary: ApprovalRequest["summary"]): AnswerMessage {
  const [local] = describeStart(summary);
  const isNow = summary.start.kind === "now";
  const when = isNow ? "The calls start now" : `The calls start on ${local}`;
  const after = summary.hasBrake
    ? "Your assistant can tell you how it goes, pause it and cancel it."
    : `${isNow ? "" : "Until then your assistant can take it back. "}Once it runs, your assistant can tell you how it goes; to stop it, use your API provider's own portal.`;
  return {
    title: `Agreed: ${people(summary.recipients)}`,
    text: `${when}, if the batch is still exactly what you saw and no limit stands against it. ${after}`,
  };
}

/** The words for a wrong count while the question stays open. */
export function wrongCountMessage(triesLeft: number): string {
  return `That is not the number of recipients. Look at the list again; ${counted(triesLeft, "try is left", "tries are left")}.`;
}

/** The words when what was typed is not a number. */
export const notANumberMessage = "Type the number of recipients in digits, such as 12.";

/**
 * The number of recipients as a person types it, `1000` or `1,000`; undefined for anything else, so that what is no
 * number counts neither as right nor as wrong.
 */
export function parseTypedCount(text: string): number | undefined {
  const digits = text.trim();
  if (!/^(?:\d{1,9}|\d{1,3}(?:[ ,.'’\u00a0\u202f]\d{3}){1,2})$/.test(digits)) return undefined;
  return Number(digits.replace(/\D/g, ""));
}
