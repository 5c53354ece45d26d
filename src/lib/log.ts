import { pino } from "pino";
import type { LogLevel } from "./log-levels.ts";

/** Structured log on stderr. Lines carry ids, never phone numbers or secrets. */
export type Log = {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
};

/** stdout belongs to the MCP protocol, so the log goes to stderr, and synchronously: a killed process loses no line. */
export function createLog(level: LogLevel): Log {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ fd: 2, sync: true }));
}

/** A log that says nothing, for tests. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
