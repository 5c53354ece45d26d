import { type Answerer, toChannel } from "../records/index.ts";

const actions = ["now", "at", "resume"] as const;
const states = ["sent", "done", "unknown", "failed", "withdrawn"] as const;

/** A launch in the ledger. */
export type StartRow = {
  readonly id: number;
  /** Origin and id of the account. */
  readonly account: string;
  readonly batchId: string;
  readonly action: (typeof actions)[number];
  /**
   * `sent`: its request is on its way, or its process died. `done`: the batch was seen to run or to be scheduled.
   * `unknown`: it was seen not to run for two minutes, and the request may still arrive. `failed`: refused by the API.
   * `withdrawn`: put back before its time.
   */
  readonly state: (typeof states)[number];
  readonly fingerprint: string;
  /** When the first phone rings: the scheduled time, or when it was sent. */
  readonly ringsAt: Date;
  readonly recipients: number;
  /** Attempts that each recipient gets at the most. */
  readonly attempts: number;
  /** Absent channel: nobody had to agree. */
  readonly by: Omit<Answerer, "channel"> & Partial<Pick<Answerer, "channel">>;
  readonly sentAt: Date;
};

type Row = Readonly<Record<string, unknown>>;

export function toStartRow(row: Row): StartRow {
  const channel = toChannel(row["channel"]);
  return {
    id: Number(row["id"]),
    account: String(row["account"]),
    batchId: String(row["batch_id"]),
    action: oneOf(actions, row["action"]),
    state: oneOf(states, row["state"]),
    fingerprint: String(row["fingerprint"]),
    ringsAt: new Date(Number(row["rings_at"])),
    recipients: Number(row["recipients"]),
    attempts: Number(row["attempts"]),
    by: {
      principal: String(row["principal"]),
      ...(channel && { channel }),
      ...(row["client"] !== null && { client: String(row["client"]) }),
    },
    sentAt: new Date(Number(row["sent_at"])),
  };
}

function oneOf<T extends string>(known: readonly T[], value: unknown): T {
  const found = known.find((one) => one === value);
  if (found === undefined) throw new Error(`The ledger holds a launch with the unknown word "${value}"`);
  return found;
}
