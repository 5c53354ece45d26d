import { randomBytes } from "node:crypto";
import type { HostedApi } from "../../../contract/hosted-wave.ts";
import type { Clock } from "../../../lib/clock.ts";
import type { Log } from "../../../lib/log.ts";
import { type Send, type SendLedger, type SentCall, wavePrefix } from "../../store/index.ts";
import { settleMs } from "./wave-state.ts";

/** A request that was given up may be worked on for so long yet. A guess: gateways commonly give up after 30 or 60 s. */
const underWayMs = 60_000;
const againMs = 60_000;
/** Longer than calls that ended as unknown are asked for. */
const keptMs = 25 * 60 * 60_000;

/**
 * Whether the draft of a create in doubt was never made. That a list does not show it proves nothing: the list may be behind. So
 * another draft is made, with the caller id as its only number, and never executed; a list that shows it, and not the one in doubt,
 * is up to date. One that is made later all the same is deleted when it appears.
 */
export type MissingDraft = {
  /** False also when nobody can tell. Does not throw. */
  isProven(send: Send, call: Pick<SentCall, "fromNumber" | "agentId">): Promise<boolean>;
};

export function createMissingDraft(parts: {
  readonly api: HostedApi;
  readonly sends: SendLedger;
  readonly clock: Clock;
  readonly log: Log;
  /** Something may lie at the API that has to be taken away. */
  readonly onLeft: () => void;
}): MissingDraft {
  const { api, sends, clock, log, onLeft } = parts;
  /** By reference: all calls of a wave are asked for at once. */
  const proofs = new Map<string, { readonly at: Date; readonly isProven: Promise<boolean> }>();

  async function prove(
    { reference, preparedAt }: Send,
    { fromNumber, agentId }: Pick<SentCall, "fromNumber" | "agentId">,
  ) {
    const witness = `${wavePrefix}${randomBytes(8).toString("hex")}`;
    const wave = { name: `Is the list up to date? · ${witness}`, fromNumber, agentId, timezone: "UTC" };
    // Written down as left behind before it is made: whoever runs next deletes it.
    await sends.prepare(witness, [], clock.now());
    await sends.move(witness, { from: ["prepared"], to: "not_now", isLeft: true });
    try {
      const draftId = await api.createDraft({ ...wave, calls: [{ toNumber: fromNumber, variables: {} }] });
      const isMissing = await api.isMissing(reference, { beside: witness, since: preparedAt });
      await api.deleteBatch(draftId);
      await sends.removed(witness);
      return isMissing;
    } catch (error) {
      log.warn({ reference, err: error }, "Whether a draft was made could not be found out and is asked again");
      onLeft();
      return false;
    }
  }

  return {
    async isProven(send, call) {
      const now = clock.now();
      const isSettled = send.settlesAt === undefined || now >= send.settlesAt;
      const doubtedAt = send.settlesAt ? send.settlesAt.getTime() - settleMs : send.preparedAt.getTime();
      if (now.getTime() - doubtedAt < underWayMs) return false;
      for (const [reference, { at }] of proofs) if (now.getTime() - at.getTime() > keptMs) proofs.delete(reference);
      const known = proofs.get(send.reference);
      // After the settling time once by each process: whom nobody can tell about is asked for a day.
      const isRecent = known && (isSettled || now.getTime() - known.at.getTime() < againMs);
      const proof = isRecent ? known : { at: now, isProven: prove(send, call).catch(() => false) };
      proofs.set(send.reference, proof);
      return proof.isProven;
    },
  };
}
