export type { Carrier, CarrierCallback } from "./carrier.ts";
export { openBridgeConnection } from "./http/bridge-connection.ts";
export { createHttpCarrier } from "./http/http-carrier.ts";
export { openSimulatedLedger } from "./simulated/ledger.ts";
export { openPostgresLedger } from "./simulated/postgres-ledger.ts";
export { createSimulatedCarrier } from "./simulated/simulated-carrier.ts";
