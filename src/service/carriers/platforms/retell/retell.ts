import { z } from "zod";
import { toReason } from "../../../../contract/bridge.ts";
import { isObject } from "../../../../contract/envelope.ts";
import type { DialRequest } from "../../../../contract/records.ts";
import { adviceForRefusal, isSuccess, jsonOf, readFailure } from "../answers.ts";
import { referenceKey, tokenKey, toMarks } from "../marks.ts";
import { numbersIn } from "../numbers.ts";
import {
  type Ask,
  type CreateAnswer,
  type Platform,
  type PlatformAnswer,
  PlatformRefusal,
  type PlatformRequest,
} from "../platform.ts";
import { toText } from "../variables.ts";
import { readAgents, readNumbers } from "./account.ts";
import { messageKey, readCall } from "./call.ts";
import { isGenuine } from "./signature.ts";

/** Retell (https://docs.retellai.com). What is documented and what was guessed: docs/providers/retell.md. */
export const retell: Platform = {
  name: "Retell",
  // A guess: no page says how long a call stays `registered`.
  ringsWithinMs: 60_000,
  leavesMessages: true,
  keyHeaders: (key) => ({ authorization: `Bearer ${key.reveal()}` }),
  toCreate: (dial, reference) => ({ method: "POST", path: "/v2/create-phone-call", body: toCallBody(dial, reference) }),
  readCreated,

  // No filter by status or time: a call that was only registered has neither.
  async find({ reference }, ask) {
    const filter = [{ key: referenceKey, type: "string", op: "eq", value: reference }];
    const answer = await ask({
      method: "POST",
      path: "/v3/list-calls",
      body: { filter_criteria: { metadata: filter } },
    });
    const { items } = z.object({ items: z.array(listedCall) }).parse(bodyOf(answer));
    // A filter that it did not understand would show the calls of others.
    const ours = items.filter(({ metadata }) => metadata?.[referenceKey] === reference);
    return ours.map(({ call_id }) => call_id);
  },
  async read(callId, ask) {
    const answer = await ask({ method: "GET", path: `/v2/get-call/${encodeURIComponent(callId)}` });
    // It answers so for a call that it does not know, and the documented words are of any asset.
    if (answer.status === 404 || answer.status === 422) return undefined;
    const call = bodyOf(answer);
    return { ...readCall(call), numbers: numbersIn(call, "to_number", "from_number") };
  },
  async lines(ask) {
    const body = concurrency.parse(await read(ask, { method: "GET", path: "/get-concurrency" }));
    const { concurrency_limit: limit, reserved_inbound_concurrency: reserved, current_concurrency: inUse } = body;
    return { limit: Math.max(limit - (reserved ?? 0), 0), inUse };
  },
  agents: (ask) => readAgents((request) => read(ask, request)),
  numbers: (ask) => readNumbers((request) => read(ask, request)),
  isGenuine,
  tokenOf({ bodyText }) {
    const notice = notices.safeParse(jsonOf(bodyText));
    return notice.data?.call.metadata[tokenKey];
  },
};

const listedCall = z.object({ call_id: z.string().min(1), metadata: z.record(z.string(), z.unknown()).nullish() });
const concurrency = z.object({
  concurrency_limit: z.int().nonnegative(),
  current_concurrency: z.int().nonnegative(),
  reserved_inbound_concurrency: z.int().nonnegative().nullish(),
});
const notices = z.object({ call: z.object({ metadata: z.object({ [tokenKey]: z.string().min(1) }) }) });

function toCallBody(dial: DialRequest, reference: string) {
  const { token, fromNumber, toNumber, agentId, variables, voicemailMessage: text } = dial;
  return {
    from_number: fromNumber,
    to_number: toNumber,
    override_agent_id: agentId,
    metadata: { ...toMarks(token, reference), ...(text !== undefined && { [messageKey]: true }) },
    // Documented: it takes the place of the agent's own setting, for this call.
    ...(text !== undefined && {
      agent_override: { agent: { voicemail_option: { action: { type: "static_text", text } } } },
    }),
    retell_llm_dynamic_variables: Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [name, toText(value)]),
    ),
  };
}

function readCreated(answer: PlatformAnswer): CreateAnswer {
  if (!isSuccess(answer)) return readFailure(answer, wordsOf(answer), adviceFor);
  const callId = isObject(answer.body) ? answer.body["call_id"] : undefined;
  if (typeof callId === "string" && callId !== "") return { kind: "accepted", callId };
  return { kind: "unclear", why: `HTTP ${answer.status} without a call id` };
}

/** Undefined where the refusal is about this call alone: a 400 that names nothing of the batch. */
function adviceFor(status: number, reason: string): string | undefined {
  if (status === 400 && !/from_?number|agent/i.test(reason)) return undefined;
  return adviceForRefusal("Retell", status, reason);
}

/** Retell's own words for a failure; undefined for an answer that is not in its form, which something in between may have given. */
function wordsOf({ body }: PlatformAnswer): string | undefined {
  if (!isObject(body) || body["status"] !== "error" || typeof body["message"] !== "string") return undefined;
  return toReason(body["message"]);
}

async function read(ask: Ask, request: PlatformRequest): Promise<unknown> {
  return bodyOf(await ask(request));
}

function bodyOf(answer: PlatformAnswer): unknown {
  if (isSuccess(answer)) return answer.body;
  throw new PlatformRefusal("Retell", answer.status, wordsOf(answer));
}
