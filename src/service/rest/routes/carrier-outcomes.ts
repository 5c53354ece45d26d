import { z } from "zod";
import { enveloped, outcomeAnswer } from "../../../contract/answers.ts";
import { bridgeHeaders, fromEndBody, outcomeBody, outcomesRoute } from "../../../contract/bridge.ts";
import { toFailureBody } from "../../../contract/envelope.ts";
import { parseWith } from "../../../contract/fields.ts";
import { Refusal } from "../../batches/index.ts";
import type { CallReports } from "../../dialing/index.ts";
import { accept, success } from "../exchange.ts";
import { openEndpoint, type RestEndpoint } from "../rest-endpoint.ts";

/** POST /carrier/outcomes: the carrier reports how a call ended. Signed with its secret instead of API keys. */
export function outcomeEndpoint(reports: CallReports): RestEndpoint {
  return openEndpoint({
    route: outcomesRoute,
    operationId: "reportOutcome",
    tag: "Carrier",
    summary: "Report how a call ended",
    description:
      "For the bridge that places the calls. It signs with the secret it shares with the service, as docs/carriers.md says. The same report twice changes nothing.",
    headers: z.object({
      [bridgeHeaders.timestamp]: z.string().describe("Unix time in seconds, at most 5 minutes off."),
      [bridgeHeaders.signature]: z.string().describe("`v1=` and the hex HMAC-SHA256 of `<timestamp>.<body>`."),
    }),
    body: { schema: outcomeBody, isRequired: true },
    answer: enveloped(outcomeAnswer),
    refusals: [400, 401, 404, 413],
    refusalTexts: { 401: "The signature is missing or wrong, or its time is more than 5 minutes off" },
    async run(request, { clock }) {
      if (!reports.isGenuine(request)) throw badSignature();
      const body = accept(parseWith(outcomeBody, request.body));
      const outcome = await reports.record(body.token, fromEndBody(body, clock.now()));
      if (outcome === "no_such_call")
        throw new Refusal(404, toFailureBody("Call not found", "There is no call with this token"));
      return success("Outcome recorded", { recorded: outcome === "recorded" });
    },
  });
}

function badSignature(): Refusal {
  const detail = "The signature is missing or wrong, or its time stamp is more than 5 minutes off";
  return new Refusal(401, toFailureBody("Unauthorized", detail));
}
