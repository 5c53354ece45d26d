export { type CallReports, createCallReports, type ReportedRequest } from "./call-reports.ts";
export type { DialGuard } from "./dial-guard.ts";
export type { DialObserver } from "./dial-observer.ts";
export { createDialer, type DialerParts } from "./dialer.ts";
export type { Dialing } from "./dialing.ts";
export type { ServiceSettings } from "./settings.ts";
export { openPgBoss } from "./wake/pg-boss.ts";
export type { WakeUps } from "./wake/wake-ups.ts";
