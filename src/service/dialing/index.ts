export { type CallNotices, createCallNotices } from "./call-notices.ts";
export { type CallReports, createCallReports, type NoticeFate, noticeFates } from "./call-reports.ts";
export { createDialer, type Dialer, usualPassRestMs } from "./dialer.ts";
export {
  type CarrierRest,
  type DialerStanding,
  type DialGuard,
  type Dialing,
  type DialObserver,
  noDialGuard,
  type ServiceSettings,
} from "./dialing.ts";
export { openPgBoss } from "./wake/pg-boss.ts";
export type { WakeUps } from "./wake/wake-ups.ts";
