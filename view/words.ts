import type { TimeView } from "./data.ts";

const numbers = new Intl.NumberFormat("en-US");

export function count(value: number): string {
  return numbers.format(value);
}

export function people(value: number): string {
  return `${count(value)} ${value === 1 ? "person" : "people"}`;
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `2 Mar, 10:05` of `2026-03-02T10:05`: the clock of the batch or of the recipient, as the server put it. */
export function time({ local }: TimeView): string {
  return `${Number(local.slice(8, 10))} ${months[Number(local.slice(5, 7)) - 1]}, ${local.slice(11, 16)}`;
}

/** `no_answer` → `No answer` */
export function title(word: string): string {
  const text = word.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export const statusWords: Readonly<Record<string, string>> = {
  pending: "To come",
  calling: "On the phone",
  completed: "Answered",
  failed: "Not reached",
  unknown: "Unknown",
  cancelled: "Not called",
};

export const waitWords: Readonly<Record<string, string>> = {
  pause: "Until the batch is resumed",
  hold: "Until the batch, which is held, is resumed",
  start: "For the start",
  not_before: "For their own time",
  retry: "For their next attempt",
  quiet_hours: "For the end of quiet hours",
  recipient_clock: "For calling hours on their own clock",
  calling_hours: "For the operator's calling hours",
  hours_preset: "For the hours of the operator's preset",
  other_call: "Since another batch called them",
  line: "For a free line",
};

/** `12:05` of 725 seconds. */
export function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
