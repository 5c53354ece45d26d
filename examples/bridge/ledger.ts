import { closeSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from "node:fs";
import type { CallEnd } from "./outcome.ts";

/** What the batch-call service asks for. */
export type Dial = {
  readonly token: string;
  readonly from_number: string;
  readonly to_number: string;
  readonly agent_id: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly callback_url?: string;
  /** To be spoken to a voicemail that picks up. */
  readonly voicemail_message?: string;
};

/** The body of a dial; undefined where something is missing that a call needs: nobody is called for half a request. */
export function parseDial(body: string): Dial | undefined {
  try {
    const dial = JSON.parse(body);
    const texts = [dial.token, dial.from_number, dial.to_number, dial.agent_id];
    const isWhole = texts.every((text) => typeof text === "string" && text !== "");
    return isWhole && typeof dial.variables === "object" && dial.variables !== null ? dial : undefined;
  } catch {
    return undefined;
  }
}

/**
 * `intended`: the provider may have it. `placed`: the provider has it, under `sid`. `released`: the provider certainly
 * does not have it, it may be dialed again. `refused`, `ended`: over, see `end`.
 */
export type Entry = {
  readonly state: "intended" | "placed" | "released" | "refused" | "ended";
  readonly dial?: Dial;
  readonly intendedAtMs?: number;
  readonly sid?: string;
  readonly end?: CallEnd;
  /** Twilio was told to speak the message to a machine. */
  readonly messageGiven?: true;
  /** Time stamp of the latest look-up that was answered `not_placed`, Unix seconds. */
  readonly notPlacedSeconds?: number;
};

/** What the bridge knows of each token, on disk before anything is done about it. One line of JSON for each change. */
export type Ledger = {
  get(token: string): Entry | undefined;
  /** Changes some fields of an entry; when this returns, the change is on disk. */
  write(token: string, change: Partial<Entry>): Entry;
  close(): void;
};

export function openLedger(path: string): Ledger {
  const entries = readEntries(path);
  const file = openSync(path, "a", 0o600);
  return {
    get: (token) => entries.get(token),
    write(token, change) {
      writeSync(file, `${JSON.stringify({ token, ...change })}\n`);
      fsyncSync(file);
      return merge(entries, token, change);
    },
    close: () => closeSync(file),
  };
}

function readEntries(path: string): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  const written = readIfThere(path);
  // Of a line that a crash cut short nobody was told anything.
  const whole = written.slice(0, written.lastIndexOf("\n") + 1);
  if (whole !== written) truncateSync(path, Buffer.byteLength(whole));
  for (const line of whole.split("\n").slice(0, -1)) {
    const { token, ...change } = JSON.parse(line);
    merge(entries, token, change);
  }
  return entries;
}

function merge(entries: Map<string, Entry>, token: string, change: Partial<Entry>): Entry {
  const entry = { state: "released" as const, ...entries.get(token), ...change };
  entries.set(token, entry);
  return entry;
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
}
