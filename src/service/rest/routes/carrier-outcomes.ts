import { fromEndBody, outcomeBody } from "../../../contract/bridge.ts";
import { toFailureBody } from "../../../contract/envelope.ts";
import { parseWith } from "../../../contract/fields.ts";
import { accept, Refusal } from "../../batches/index.ts";
import type { CallReports, ReportedRequest } from "../../dialing/index.ts";
import { parseBody } from "../request-body.ts";
import { success } from "../rest-endpoint.ts";

/** POST /carrier/outcomes: the carrier tells how a call ended. Signed with its secret instead of API keys. */
export async function takeOutcome(request: ReportedRequest, reports: CallReports, now: Date) {
  if (!reports.isGenuine(request)) throw badSignature();
  const body = accept(parseWith(outcomeBody, parseBody(request.bodyText)));
  const outcome = await reports.record(body.token, fromEndBody(body, now));
  if (outcome === "no_such_call")
    throw new Refusal(404, toFailureBody("Call not found", "There is no call with this token"));
  return success("Outcome recorded", { recorded: outcome === "recorded" });
}

function badSignature(): Refusal {
  const detail = "The signature is missing or wrong, or its time stamp is more than 5 minutes off";
  return new Refusal(401, toFailureBody("Unauthorized", detail));
}
