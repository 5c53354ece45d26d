import type { PlatformName } from "../../config/carrier.ts";
import type { PlatformRequest } from "../../service/carriers/index.ts";

/**
 * The request that ends a call, where a platform documents one that needs nothing but the call's id. What it does to a phone that
 * rings is said by none of them (decision 41), and so the service does not use it.
 */
export const stopRequests: { readonly [Name in PlatformName]?: (callId: string) => PlatformRequest } = {
  retell: (callId) => ({ method: "POST", path: `/v2/stop-call/${encodeURIComponent(callId)}` }),
  // Its id here is that of the leg and that of the control, with a bar between.
  telnyx: (callId) => ({
    method: "POST",
    path: `/calls/${encodeURIComponent(callId.split("|")[1] ?? "")}/actions/hangup`,
    body: {},
  }),
  twilio: (callId) => ({
    method: "POST",
    path: `/Calls/${encodeURIComponent(callId)}.json`,
    form: [["Status", "completed"]],
  }),
};
