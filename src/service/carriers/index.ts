export type {
  Carrier,
  CarrierCallback,
  CarrierNotices,
  DialAnswer,
  DirectCarrier,
  HeldAttempt,
  LookUp,
  SentNotice,
} from "./carrier.ts";
export { createHostedCarrier } from "./hosted/hosted-carrier.ts";
export { readDialAnswer, readLookUpAnswer } from "./http/bridge-answers.ts";
export { type BridgeAnswer, type BridgeConnection, openBridgeConnection } from "./http/bridge-connection.ts";
export { isSigned, signedHeaders, toUnixSeconds } from "./http/bridge-signature.ts";
export { createHttpCarrier } from "./http/http-carrier.ts";
export { elevenlabs } from "./platforms/elevenlabs/elevenlabs.ts";
export { type Ask, type Platform, PlatformRefusal, type PlatformRequest } from "./platforms/platform.ts";
export { createPlatformCarrier } from "./platforms/platform-carrier.ts";
export { openPlatformHttp } from "./platforms/platform-http.ts";
export { retell } from "./platforms/retell/retell.ts";
export { telnyx } from "./platforms/telnyx/telnyx.ts";
export { twilio } from "./platforms/twilio/twilio.ts";
export { vapi } from "./platforms/vapi/vapi.ts";
export { openSimulatedLedger } from "./simulated/ledger.ts";
export { openPostgresLedger } from "./simulated/postgres-ledger.ts";
export { createSimulatedCarrier } from "./simulated/simulated-carrier.ts";
