import { z } from "zod";
import { toReason } from "../../../../contract/bridge.ts";
import { maybeInstant, maybeText } from "../../../../contract/fields.ts";
import type { DialRequest } from "../../../../contract/records.ts";
import type { CallNumbers } from "../../whose-call.ts";
import { adviceForRefusal, isSuccess, jsonOf, partOf, readFailure } from "../answers.ts";
import { numbersIn } from "../numbers.ts";
import {
  type Ask,
  type CreateAnswer,
  type Platform,
  type PlatformAnswer,
  type PlatformCall,
  type PlatformNumber,
  PlatformRefusal,
} from "../platform.ts";
import { toText } from "../variables.ts";
import { readAssistants, readNumbers } from "./account.ts";
import { type CallEvent, readEnd, readEvents, textIn } from "./call.ts";
import { toClientState, toCommandId, tokenIn } from "./client-state.ts";
import { readTalk } from "./conversation.ts";
import { type Read, readPages } from "./pages.ts";
import { isGenuine } from "./signature.ts";

/** Telnyx (https://developers.telnyx.com). What is documented and what was guessed: docs/providers/telnyx.md. */
export const telnyx: Platform = {
  name: "Telnyx",
  // A guess: no page says how soon the network rings. What is above a limit is refused there, not queued.
  ringsWithinMs: 60_000,
  leavesMessages: false,
  namesNumbersById: true,
  keyHeaders: (key) => ({ authorization: `Bearer ${key.reveal()}` }),
  toCreate: (dial, reference, from) => ({ method: "POST", path: "/calls", body: toCallBody(dial, reference, from) }),
  readCreated,

  // Those in progress are shown by their application, those that ended by their events.
  async find({ reference, token, toNumber, numberId }, ask) {
    const state = toClientState(token, reference);
    const read = toRead(ask);
    const filters = { "filter[to]": toNumber, ...(numberId !== undefined && { "filter[connection_id]": numberId }) };
    const [active, events] = await Promise.all([
      numberId === undefined ? [] : readPages(read, `/connections/${encodeURIComponent(numberId)}/active_calls`),
      readPages(read, "/call_events", filters),
    ]);
    const ids = [
      ...z
        .array(activeCall)
        .parse(active)
        .flatMap((call) => (call.client_state === state ? [toCallId(call)] : [])),
      ...readEvents(events).flatMap((event) => (textIn(event.metadata, "client_state") === state ? idsOf(event) : [])),
    ];
    return [...new Set(ids)];
  },
  async read(callId, ask) {
    const [legId = "", controlId = ""] = callId.split("|");
    const read = toRead(ask);
    const events = readEvents(await readPages(read, "/call_events", { "filter[leg_id]": legId }));
    const end = readEnd(events);
    if (!end) return readStatus(controlId, ask);
    const numbers = numbersOf(events);
    const isTalk = end.state === "ended" && (end.outcome === "answered" || end.outcome === "voicemail");
    if (!isTalk) return { ...end, numbers };
    const { isAnalyzed, ...said } = await readTalk(controlId, read);
    return { ...end, ...said, numbers, isAnalyzed: end.isAnalyzed && (isAnalyzed || end.outcome !== "answered") };
  },
  agents: (ask) => readAssistants(toRead(ask)),
  numbers: (ask) => readNumbers(toRead(ask)),
  isGenuine,
  tokenOf({ bodyText }) {
    const state = partOf(partOf(jsonOf(bodyText), "data"), "payload")["client_state"];
    return typeof state === "string" ? tokenIn(state) : undefined;
  },
};

const callIds = z.object({ call_leg_id: z.string().min(1), call_control_id: z.string().min(1) });
const activeCall = callIds.extend({ client_state: maybeText });

/** Both are asked for: the events know a call by the one, the rest by the other. */
function toCallId({ call_leg_id: legId, call_control_id: controlId }: z.output<typeof callIds>): string {
  return `${legId}|${controlId}`;
}

function idsOf({ call_leg_id, metadata }: CallEvent): readonly string[] {
  const call_control_id = textIn(metadata, "call_control_id");
  return call_control_id === undefined ? [] : [toCallId({ call_leg_id, call_control_id })];
}

function numbersOf(events: readonly CallEvent[]): CallNumbers {
  const [about] = events.filter(({ name }) => name === "call.initiated" || name === "call.hangup");
  return numbersIn({ to: textIn(about?.metadata, "to"), from: textIn(about?.metadata, "from") }, "to", "from");
}

function toCallBody({ token, toNumber, agentId, variables }: DialRequest, reference: string, from: PlatformNumber) {
  return {
    connection_id: from.id,
    from: from.phoneNumber,
    // Never a list: Telnyx would call all of it.
    to: toNumber,
    assistant: {
      id: agentId,
      dynamic_variables: Object.fromEntries(
        Object.entries(variables).map(([name, value]) => [name, toPlainValue(value)]),
      ),
    },
    client_state: toClientState(token, reference),
    command_id: toCommandId(reference),
    answering_machine_detection: "premium",
    // Else Telnyx goes on by other routes when nobody answers.
    retry_on_timeout: false,
  };
}

/** Variables are texts, numbers or flags there. */
function toPlainValue(value: unknown): string | number | boolean {
  return typeof value === "number" || typeof value === "boolean" ? value : toText(value);
}

function readCreated(answer: PlatformAnswer): CreateAnswer {
  if (!isSuccess(answer))
    return readFailure(answer, wordsOf(answer), (status, reason) => adviceFor(status, reason, answer));
  const { data } = callIds.safeParse(partOf(answer.body, "data"));
  return data
    ? { kind: "accepted", callId: toCallId(data) }
    : { kind: "unclear", why: `HTTP ${answer.status} without the ids of a call` };
}

/** Undefined where the refusal is about this call alone: one that points at the number to call or its variables. */
function adviceFor(status: number, reason: string, { body }: PlatformAnswer): string | undefined {
  const isOfCall = errorsIn(body).some(({ source }) =>
    /^\/(to|assistant\/dynamic_variables)\b/.test(source?.pointer ?? ""),
  );
  if ((status === 400 || status === 422) && isOfCall) return undefined;
  if (status === 403)
    return "Look at the Telnyx account's balance and level, and at what the outbound voice profile of its application may call.";
  return adviceForRefusal("Telnyx", status, reason);
}

const failure = z.object({
  errors: z
    .array(
      z.object({
        code: z.union([z.string(), z.number()]),
        title: maybeText,
        detail: maybeText,
        source: z.object({ pointer: maybeText }).nullish().catch(undefined),
      }),
    )
    .min(1),
});

function errorsIn(body: unknown): z.output<typeof failure>["errors"] {
  return failure.safeParse(body).data?.errors ?? [];
}

/** Telnyx' own words for a failure; undefined for an answer that is not in its form, which something in between may have given. */
function wordsOf({ body }: PlatformAnswer): string | undefined {
  const [error] = errorsIn(body);
  return error && toReason(error.detail || error.title || `error ${error.code}`);
}

const status = z.object({ is_alive: z.boolean(), end_time: maybeInstant });

/** Of a call whose end the events do not show (yet). It is told for ten minutes after that. */
async function readStatus(controlId: string, ask: Ask): Promise<PlatformCall | undefined> {
  const answer = await ask({ method: "GET", path: `/calls/${encodeURIComponent(controlId)}` });
  if (answer.status === 404 || answer.status === 422) return undefined;
  const { end_time: endedAt } = status.parse(partOf(bodyOf(answer), "data"));
  return endedAt ? { state: "untold", endedAt } : { state: "alive" };
}

function toRead(ask: Ask): Read {
  return async (request) => bodyOf(await ask(request));
}

function bodyOf(answer: PlatformAnswer): unknown {
  if (isSuccess(answer)) return answer.body;
  throw new PlatformRefusal("Telnyx", answer.status, wordsOf(answer));
}
