import { z } from "zod";
import { enveloped, outcomeAnswer } from "../../../contract/answers.ts";
import { toFailureBody } from "../../../contract/envelope.ts";
import { noticesRoute } from "../../../contract/platform-notices.ts";
import { Refusal } from "../../batches/index.ts";
import type { CallNotices } from "../../dialing/index.ts";
import { success } from "../exchange.ts";
import { openEndpoint, type RestEndpoint } from "../rest-endpoint.ts";

/** POST /carrier/notices: a voice-agent platform says that something became of a call. It signs with the account's key. */
export function noticeEndpoint(notices: CallNotices): RestEndpoint {
  return openEndpoint({
    route: noticesRoute,
    operationId: "takeNotice",
    tag: "Carrier",
    summary: "Take a platform's notice of a call",
    description:
      "For the webhooks of the voice-agent platform that places the calls. A notice is not believed: the platform is asked for the call, and what it answers counts. The same notice twice changes nothing.",
    body: { schema: z.unknown(), isRequired: true },
    answer: enveloped(outcomeAnswer),
    refusals: [401, 413],
    refusalTexts: { 401: "The platform's signature is missing or wrong, or its time is more than 5 minutes off" },
    async run(request) {
      const fate = await notices.take(request);
      if (fate === "not_genuine")
        throw new Refusal(401, toFailureBody("Unauthorized", "This is not signed by the platform"));
      return success("Notice taken", { recorded: fate === "recorded" });
    },
  });
}
