export type { Carrier, CarrierCallback, DialAnswer, DirectCarrier, HeldAttempt, LookUp } from "./carrier.ts";
export { createHostedCarrier } from "./hosted/hosted-carrier.ts";
export { readDialAnswer, readLookUpAnswer } from "./http/bridge-answers.ts";
export { type BridgeAnswer, type BridgeConnection, openBridgeConnection } from "./http/bridge-connection.ts";
export { isSigned, signedHeaders, toUnixSeconds } from "./http/bridge-signature.ts";
export { createHttpCarrier } from "./http/http-carrier.ts";
export { openSimulatedLedger } from "./simulated/ledger.ts";
export { openPostgresLedger } from "./simulated/postgres-ledger.ts";
export { createSimulatedCarrier } from "./simulated/simulated-carrier.ts";
