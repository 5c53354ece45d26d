import { z } from "zod";
import { toReason } from "../../../../contract/bridge.ts";
import { isObject } from "../../../../contract/envelope.ts";
import { maybeText } from "../../../../contract/fields.ts";
import type { DialRequest } from "../../../../contract/records.ts";
import { adviceForRefusal, adviceForWords, isSuccess, jsonOf, partOf, readFailure } from "../answers.ts";
import { numbersIn } from "../numbers.ts";
import {
  type Ask,
  type CreateAnswer,
  type Platform,
  type PlatformAnswer,
  type PlatformNumber,
  PlatformRefusal,
  type PlatformRequest,
} from "../platform.ts";
import { readEach } from "../side-by-side.ts";
import { toText } from "../variables.ts";
import { readAgents, readNumbers } from "./account.ts";
import { readConversation } from "./conversation.ts";
import { isGenuine } from "./signature.ts";

/** ElevenLabs Agents (https://elevenlabs.io/docs/eleven-agents). What is documented and what was guessed: docs/providers/elevenlabs.md. */
export const elevenlabs: Platform = {
  name: "ElevenLabs",
  // A guess: a call above the plan's concurrency waits in a queue, which the pace keeps empty.
  ringsWithinMs: 60_000,
  leavesMessages: false,
  namesNumbersById: true,
  keyHeaders: (key) => ({ "xi-api-key": key.reveal() }),
  toCreate(dial, reference, from) {
    const carriedBy = from.provider === "sip_trunk" ? "sip-trunk" : "twilio";
    return { method: "POST", path: `/v1/convai/${carriedBy}/outbound-call`, body: toCallBody(dial, reference, from) };
  },
  readCreated,

  // No filter by time: a conversation that has not begun may have none.
  async find({ reference, token }, ask) {
    const userId = toUserId(reference, token);
    const query = new URLSearchParams({ user_id: userId, page_size: "100" });
    const { conversations } = listed.parse(
      await read(ask, { method: "GET", path: `/v1/convai/conversations?${query}` }),
    );
    // A filter that it did not understand would show the conversations of others, and the rows do not say whose they are.
    if (conversations.length > mostOfOneSend)
      throw new Error(`ElevenLabs shows ${conversations.length} conversations of one user`);
    const found = await readEach(conversations, ({ conversation_id: id }) => readBody(id, ask));
    return conversations.flatMap(({ conversation_id: id }, place) => (userIdOf(found[place]) === userId ? [id] : []));
  },
  async read(conversationId, ask) {
    const body = await readBody(conversationId, ask);
    if (body === undefined) return undefined;
    const phone = partOf(partOf(body, "metadata"), "phone_call");
    return { ...readConversation(body), numbers: numbersIn(phone, "external_number", "agent_number") };
  },
  agents: (ask) => readAgents((request) => read(ask, request)),
  numbers: (ask) => readNumbers((request) => read(ask, request)),
  isGenuine,
  tokenOf({ bodyText }) {
    const userId = userIdOf(partOf(jsonOf(bodyText), "data"));
    return userId === undefined ? undefined : /^call_\w+:(.+)$/s.exec(userId)?.[1];
  },
};

const listed = z.object({ conversations: z.array(z.object({ conversation_id: z.string().min(1) })) });
const mostOfOneSend = 3;

/** The one field that ElevenLabs keeps, returns and filters by: what this send is called, and the attempt's token. */
function toUserId(reference: string, token: string): string {
  return `${reference}:${token}`;
}

function userIdOf(conversation: unknown): string | undefined {
  const own = isObject(conversation) ? conversation["user_id"] : undefined;
  const userId = own ?? partOf(conversation, "conversation_initiation_client_data")["user_id"];
  return typeof userId === "string" ? userId : undefined;
}

function toCallBody({ token, toNumber, agentId, variables }: DialRequest, reference: string, from: PlatformNumber) {
  return {
    agent_id: agentId,
    agent_phone_number_id: from.id,
    to_number: toNumber,
    conversation_initiation_client_data: {
      user_id: toUserId(reference, token),
      dynamic_variables: Object.fromEntries(
        Object.entries(variables).map(([name, value]) => [name, toPlainValue(value)]),
      ),
    },
  };
}

/** Variables are texts, numbers or flags there. */
function toPlainValue(value: unknown): string | number | boolean {
  return typeof value === "number" || typeof value === "boolean" ? value : toText(value);
}

const created = z.object({
  success: z.boolean(),
  message: maybeText,
  conversation_id: maybeText,
  callSid: maybeText,
  sip_call_id: maybeText,
});

/** A success with which no conversation comes, and a failure with a call of the telephony's, leave open whether a phone rings. */
function readCreated(answer: PlatformAnswer): CreateAnswer {
  if (!isSuccess(answer)) return readFailure(answer, wordsOf(answer), adviceFor);
  const { data } = created.safeParse(answer.body);
  if (data?.conversation_id) return { kind: "accepted", callId: data.conversation_id };
  const reason = toReason(data?.message);
  if (!data || data.success || data.callSid || data.sip_call_id || reason === undefined)
    return { kind: "unclear", why: `HTTP ${answer.status} without a conversation id` };
  return readRefusal(reason);
}

/** A 200 that says `success: false`. Its words are not documented: of those that are not known nothing follows. */
function readRefusal(reason: string): CreateAnswer {
  if (/concurren|too many|rate limit/i.test(reason)) return { kind: "not_now", why: reason };
  if (ofThisCall.test(reason)) return { kind: "refused", reason };
  if (/credential|authenticat|unverified|permission|not allowed|suspended|quota|credit|trunk/i.test(reason))
    return { kind: "hold", reason, advice: adviceForWords("ElevenLabs", reason) };
  return { kind: "unclear", why: `success: false, ${reason}` };
}

/** What is wrong with one call alone. */
const ofThisCall = /to_number|dynamic_variables|not a valid phone number|invalid (phone|'?to'?) number/i;

function adviceFor(status: number, reason: string): string | undefined {
  if ((status === 400 || status === 422) && ofThisCall.test(reason)) return undefined;
  return adviceForRefusal("ElevenLabs", status, reason);
}

const detail = z.union([
  z.string(),
  z.object({ message: z.string() }).transform(({ message }) => message),
  z
    .array(z.object({ loc: z.array(z.union([z.string(), z.number()])), msg: z.string() }))
    .min(1)
    .transform((all) => all.map(({ loc, msg }) => `${loc.join(".")}: ${msg}`).join("; ")),
]);

/** ElevenLabs' own words for a failure; undefined for an answer that is not in its form, which something in between may have given. */
function wordsOf({ body }: PlatformAnswer): string | undefined {
  return isObject(body) ? toReason(detail.safeParse(body["detail"]).data) : undefined;
}

/** Undefined where there is no such conversation. */
async function readBody(conversationId: string, ask: Ask): Promise<unknown> {
  const answer = await ask({ method: "GET", path: `/v1/convai/conversations/${encodeURIComponent(conversationId)}` });
  return answer.status === 404 ? undefined : bodyOf(answer);
}

async function read(ask: Ask, request: PlatformRequest): Promise<unknown> {
  return bodyOf(await ask(request));
}

function bodyOf(answer: PlatformAnswer): unknown {
  if (isSuccess(answer)) return answer.body;
  throw new PlatformRefusal("ElevenLabs", answer.status, wordsOf(answer));
}
