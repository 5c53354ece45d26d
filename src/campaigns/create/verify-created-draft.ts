import type { BatchCallApi } from "../../client/api.ts";
import type { Batch, Environment } from "../../domain/batch/batch.ts";
import type { BatchPlan } from "../../domain/batch/plan.ts";
import { isMaskedNumber, numberFinder } from "../../domain/phone/shown-number.ts";
import { Problem } from "../../domain/problem.ts";
import { counted } from "../../domain/text.ts";
import { type Clock, sleep } from "../../lib/clock.ts";
import { type Comparison, compareDraft, likeSent } from "./compare-draft.ts";
import { listNumbers } from "./list-numbers.ts";

// Ten seconds in all: an API may still be writing what it has just made.
const rereadAfterMs = [1000, 3000, 6000];

/** How a draft stands to its plan, and the batch as it was read last. */
type Verified = Comparison & { readonly batch: Batch };

/** `notShown`: what of its people the API does not show yet, in a sentence. */
type Reading = Verified & { readonly notShown?: string | undefined };

/**
 * Compares a new draft with its plan, and reads it again for a while where they differ. What an API that is not ours has made is read back
 * in any case, with the numbers of its people: its answer may be what it was sent, and not what it keeps. What is not a draft may start by
 * itself, so nobody waits for that to change. Throws the `Problem` of a read that failed, and `outcome_unknown` where not all people are
 * shown yet.
 */
export async function verifyCreatedDraft(
  { api, clock }: { readonly api: BatchCallApi; readonly clock: Clock },
  plan: BatchPlan,
  created: Batch,
  environment: Environment,
): Promise<Verified> {
  const answered: Reading = { ...compareDraft(plan, created, environment), batch: created };
  if (environment !== "live" || created.status !== "draft") return answered;
  const isOurs = await api.hasBrake();

  async function read(): Promise<Reading> {
    const batch = await api.getBatch(created.batchId);
    if (isOurs) return { ...compareDraft(plan, batch, environment), batch };
    const { different, unverified } = compareDraft(plan, likeSent(plan, batch), environment);
    const { others, notShown } = batch.status === "draft" ? await compareNumbers(api, plan, batch) : nothingOther;
    // An API may show fewer fields of what it has than of what it makes.
    const shownNowhere = unverified.filter((field) => answered.unverified.includes(field));
    return { different: [...different, ...others], unverified: shownNowhere, batch, notShown };
  }

  let reading = isOurs ? answered : await read();
  for (const waitMs of rereadAfterMs) {
    const isAsMeant = reading.different.length === 0 && reading.notShown === undefined;
    if (isAsMeant || reading.batch.status !== "draft") break;
    await sleep(clock, waitMs);
    reading = await read();
  }
  const { notShown, ...verified } = reading;
  if (notShown !== undefined && verified.different.length === 0) throw new Problem("outcome_unknown", notShown);
  return verified;
}

type NumbersRead = Pick<Reading, "notShown"> & { readonly others: readonly string[] };

const nothingOther: NumbersRead = { others: [] };

/** What of the numbers of a draft is other than was sent, as one sentence part, and what is not there yet, as a sentence. */
async function compareNumbers(api: BatchCallApi, plan: BatchPlan, { batchId, total }: Batch): Promise<NumbersRead> {
  const sent = plan.recipients.map(({ toNumber }) => toNumber);
  const listed = await listNumbers(api, batchId);
  const find = numberFinder(sent);
  const comparable = listed.filter((number) => !isMaskedNumber(number));
  const found = comparable.map(find);
  const others = found.filter((number) => number === undefined).length;
  const seen = new Set(found.filter((number) => number !== undefined));
  const hidden = listed.length - comparable.length;
  const missing = Math.max(0, new Set<string>(sent).size - seen.size - hidden);
  const isTwice = seen.size + others < comparable.length;
  const isPartial = listed.length < sent.length || total < sent.length;
  if (others === 0 && !isTwice && isPartial)
    return {
      others: [],
      notShown: `It shows ${total} and lists ${listed.length} of ${counted(sent.length, "person", "people")}.`,
    };
  if (others === 0 && missing === 0 && listed.length === sent.length) return nothingOther;
  return {
    others: [
      `tasks lists ${counted(listed.length, "number")}, of which ${others} were not sent, and misses ${missing}`,
    ],
  };
}
