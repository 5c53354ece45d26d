import { type Answerer, toChannel } from "../records/index.ts";
import type { ApprovalRequest, StartSummary } from "./approval.ts";

export type ApprovalRow = Readonly<Record<string, unknown>>;

/** So many wrong counts end a question. */
export const mostWrongCounts = 5;

export function toRequest(row: ApprovalRow, now: Date): ApprovalRequest {
  return {
    id: String(row["id"]),
    summary: readSummary(String(row["summary"])),
    expiresAt: new Date(Number(row["expires_at"])),
    state: toState(row, now),
    triesLeft: Math.max(0, mostWrongCounts - Number(row["wrong_counts"])),
    ...(row["voided_why"] !== null && { voidedWhy: String(row["voided_why"]) }),
  };
}

function toState(row: ApprovalRow, now: Date): ApprovalRequest["state"] {
  if (row["used_at"] !== null) return "used";
  if (row["voided_at"] !== null) return "voided";
  if (row["declined_at"] !== null) return "declined";
  if (Number(row["expires_at"]) <= now.getTime()) return "expired";
  return row["approved_at"] === null ? "waiting" : "approved";
}

/** Who gave an approval. Throws for a row that was never answered. */
export function toAnswerer(row: ApprovalRow): Answerer {
  const channel = toChannel(row["channel"]);
  if (!channel) throw new Error("An approval without a channel was about to be used");
  return {
    channel,
    principal: String(row["principal"]),
    ...(row["client"] !== null && { client: String(row["client"]) }),
  };
}

type StoredSummary = Omit<StartSummary, "start"> & {
  readonly start: { readonly kind: "now" } | { readonly kind: "at"; readonly at: string };
};

/** Safe: this column holds nothing but the JSON of a `LaunchSummary`, and a ledger of another schema is never opened. */
function readSummary(text: string): StartSummary {
  const stored: StoredSummary = JSON.parse(text);
  const { start } = stored;
  return { ...stored, start: start.kind === "at" ? { kind: "at", at: new Date(start.at) } : start };
}
