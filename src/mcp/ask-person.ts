import { inputRequired, type ProtocolEra, type ServerContext } from "@modelcontextprotocol/server";
import type { Log } from "../lib/log.ts";
import type { AskPerson } from "../tools/tool.ts";
import { approvalFormKey, formOpenForMs, readApprovalForm, toApprovalForm } from "./approval-form.ts";
import { FormNeeded } from "./call-tool.ts";
import { type Asked, type AskingCall, type FormStates, fingerprintFor } from "./form-state.ts";

/** The client has no forms, or no way for one to reach it. */
export const askNobody: AskPerson = async () => ({ kind: "unsupported" });

/** How a call reaches the person at a client that has forms. */
export function buildAskPerson(
  era: ProtocolEra,
  call: AskingCall,
  context: ServerContext,
  forms: FormStates,
  log: Log,
): AskPerson {
  return era === "legacy" ? askDuringCall(context, log) : askBetweenCalls(call, context, forms);
}

/**
 * Up to 2025-11-25: a request of ours to the client, answered while the call waits. It is not given the signal of the
 * call, so that a person can take longer than the client is willing to wait for the call.
 */
function askDuringCall({ mcpReq }: ServerContext, log: Log): AskPerson {
  return async (summary) => {
    const form = { method: "elicitation/create", params: toApprovalForm(summary) } as const;
    try {
      return readApprovalForm({ [approvalFormKey]: await mcpReq.send(form, { timeout: formOpenForMs }) });
    } catch (err) {
      log.info({ err }, "a form got no answer");
      return { kind: "closed" };
    }
  };
}

/** Since 2026-07-28: the call ends with the question, and the client makes it once more with the answer. */
function askBetweenCalls(call: AskingCall, context: ServerContext, forms: FormStates): AskPerson {
  let asked = context.mcpReq.requestState<Asked>();
  return async (summary) => {
    const answered = asked;
    // One answer for one question: whoever asks again gets a new form.
    asked = undefined;
    if (answered !== undefined) {
      const fingerprint = fingerprintFor(call, answered);
      if (fingerprint === undefined) return { kind: "closed" };
      if (fingerprint === summary.fingerprint) return readApprovalForm(context.mcpReq.inputResponses);
    }
    const inputRequests = { [approvalFormKey]: inputRequired.elicit(toApprovalForm(summary)) };
    throw new FormNeeded(inputRequired({ inputRequests, requestState: await forms.seal(call, summary.fingerprint) }));
  };
}
