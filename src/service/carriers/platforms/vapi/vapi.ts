import { z } from "zod";
import { toReason } from "../../../../contract/bridge.ts";
import type { DialRequest } from "../../../../contract/records.ts";
import { adviceForRefusal, isSuccess, jsonOf, partOf, readFailure } from "../answers.ts";
import { referenceKey, tokenKey, toMarks } from "../marks.ts";
import { numbersIn } from "../numbers.ts";
import {
  type Ask,
  type CreateAnswer,
  type Lines,
  type Platform,
  type PlatformAnswer,
  type PlatformNumber,
  PlatformRefusal,
  type PlatformRequest,
} from "../platform.ts";
import { readAssistants, readNumbers } from "./account.ts";
import { isGone, readCall } from "./call.ts";
import { isGenuine } from "./signature.ts";

/** Around the moment of sending: the two clocks differ, and a request may arrive after it was given up. */
const beforeMs = 60_000;
const afterMs = 3 * 60_000;
const mostListed = "1000";

/** Vapi (https://docs.vapi.ai). What is documented and what was guessed: docs/providers/vapi.md. */
export const vapi: Platform = {
  name: "Vapi",
  // A guess: a call above the account's concurrency waits, which the pace avoids.
  ringsWithinMs: 60_000,
  leavesMessages: false,
  namesNumbersById: true,
  tellsLinesWhenCalled: true,
  keyHeaders: (key) => ({ authorization: `Bearer ${key.reveal()}` }),
  toCreate: (dial, reference, from) => ({ method: "POST", path: "/call", body: toCallBody(dial, reference, from) }),
  readCreated,

  // There is no filter by what a call carries: those of the time and number are listed and compared.
  async find({ reference, sentAt, numberId }, ask) {
    if (!sentAt) return [];
    const query = new URLSearchParams({
      limit: mostListed,
      createdAtGe: new Date(sentAt.getTime() - beforeMs).toISOString(),
      createdAtLe: new Date(sentAt.getTime() + afterMs).toISOString(),
      ...(numberId !== undefined && { phoneNumberId: numberId }),
    });
    const calls = z.array(listedCall).parse(await read(ask, { method: "GET", path: `/call?${query}` }));
    const ours = calls.filter((call) => marksOf(call)[referenceKey] === reference);
    return ours.map(({ id }) => id);
  },
  async read(callId, ask) {
    const answer = await ask({ method: "GET", path: `/call/${encodeURIComponent(callId)}` });
    if (answer.status === 404) return undefined;
    const call = bodyOf(answer);
    if (isGone(call)) return undefined;
    return { ...readCall(call), numbers: numbersIn(partOf(call, "customer"), "number") };
  },
  agents: (ask) => readAssistants((request) => read(ask, request)),
  numbers: (ask) => readNumbers((request) => read(ask, request)),
  isGenuine,
  tokenOf({ bodyText }) {
    const token = marksOf(partOf(partOf(jsonOf(bodyText), "message"), "call"))[tokenKey];
    return typeof token === "string" && token !== "" ? token : undefined;
  },
};

const listedCall = z.looseObject({ id: z.string().min(1) });

/** What we told it of the call, which it keeps and returns. */
function marksOf(call: unknown): Readonly<Record<string, unknown>> {
  return partOf(partOf(call, "assistantOverrides"), "metadata");
}

/** One `customer`: with `customers` it would call by a batch of its own. */
function toCallBody({ token, toNumber, agentId, variables }: DialRequest, reference: string, from: PlatformNumber) {
  return {
    assistantId: agentId,
    phoneNumberId: from.id,
    customer: { number: toNumber },
    assistantOverrides: { variableValues: variables, metadata: toMarks(token, reference) },
  };
}

const created = z.object({
  id: z.string().min(1),
  status: z.string().nullish().catch(undefined),
  subscriptionLimits: z
    .object({
      concurrencyBlocked: z.boolean().nullish(),
      concurrencyLimit: z.number().nullish(),
      remainingConcurrentCalls: z.number().nullish(),
    })
    .nullish()
    .catch(undefined),
});

/** A call that was blocked for want of a line has an id all the same: it may wait for one, and is followed until it says that it does not. */
function readCreated(answer: PlatformAnswer): CreateAnswer {
  if (!isSuccess(answer)) return readRefusal(answer);
  const { data } = created.safeParse(answer.body);
  if (!data) return { kind: "unclear", why: `HTTP ${answer.status} without a call id` };
  const isBlocked = data.subscriptionLimits?.concurrencyBlocked === true;
  if (isBlocked && data.status === "ended") return { kind: "not_now", why: "the account has no line free" };
  const lines = linesOf(data);
  return { kind: "accepted", callId: data.id, ...(lines && { lines }) };
}

/** What remains counts the call that it is told with. */
function linesOf({ subscriptionLimits }: z.output<typeof created>): Lines | undefined {
  const { concurrencyBlocked, concurrencyLimit: limit, remainingConcurrentCalls: remaining } = subscriptionLimits ?? {};
  if (typeof limit !== "number") return undefined;
  if (concurrencyBlocked) return { limit, inUse: limit };
  return typeof remaining === "number" ? { limit, inUse: Math.max(limit - remaining + 1, 1) } : undefined;
}

function readRefusal(answer: PlatformAnswer): CreateAnswer {
  const reason = wordsOf(answer);
  if (answer.status === 400 && reason !== undefined && /concurren/i.test(reason))
    return { kind: "not_now", why: reason };
  return readFailure(answer, reason, adviceFor);
}

/** Undefined where the refusal is about this call alone: a 400 that names the customer or what the agent is told. */
function adviceFor(status: number, reason: string): string | undefined {
  if (status === 400 && /customer|variableValues/i.test(reason)) return undefined;
  return adviceForRefusal("Vapi", status, reason);
}

const failure = z.object({
  statusCode: z.number(),
  message: z.union([z.string(), z.array(z.string()).transform((all) => all.join("; "))]),
});

/** Vapi's own words for a failure; undefined for an answer that is not in its form, which something in between may have given. */
function wordsOf({ status, body }: PlatformAnswer): string | undefined {
  const { data } = failure.safeParse(body);
  return data?.statusCode === status ? toReason(data.message) : undefined;
}

async function read(ask: Ask, request: PlatformRequest): Promise<unknown> {
  return bodyOf(await ask(request));
}

function bodyOf(answer: PlatformAnswer): unknown {
  if (isSuccess(answer)) return answer.body;
  throw new PlatformRefusal("Vapi", answer.status, wordsOf(answer));
}
