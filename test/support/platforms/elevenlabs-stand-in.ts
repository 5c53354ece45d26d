import { createHmac } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { z } from "zod";
import type { Clock } from "../../../src/lib/clock.ts";
import {
  type NewCall,
  PlatformStandIn,
  type StandInAnswer,
  type StandInCall,
  type StandInNotice,
  type StandInRequest,
} from "./stand-in.ts";

// Written from the vendor's API document (elevenlabs/elevenlabs-docs, commit of 2025-08-25) and the types of elevenlabs-js 2.73.0
// (2026-10-15), field by field; `npm run check-stand-ins -- --spec elevenlabs=PATH` holds it against the document.

/** Strict: a field that is not documented is a mistake of ours. */
const createBody = z.strictObject({
  agent_id: z.string().min(1),
  agent_phone_number_id: z.string().min(1),
  to_number: z.string().min(1),
  conversation_initiation_client_data: z.strictObject({
    user_id: z.string().min(1),
    dynamic_variables: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  }),
});

const statuses: Readonly<Record<number, string>> = {
  401: "invalid_api_key",
  402: "payment_required",
  404: "not_found",
  429: "too_many_concurrent_requests",
};

export type ElevenlabsAgent = {
  readonly agent_id: string;
  readonly name: string;
  readonly first_message: string;
  readonly prompt: string;
  readonly placeholders: Readonly<Record<string, string>>;
  readonly detectsVoicemail: boolean;
};

/** ElevenLabs' API for agents on the phone, as far as the carrier uses it. */
export class ElevenlabsStandIn extends PlatformStandIn {
  agents: ElevenlabsAgent[] = [
    {
      agent_id: "agent_1",
      name: "Reminders",
      first_message: "Hello {{first_name}}",
      prompt: "Remind {{first_name}} of {{appointment}}. It is {{system__time_utc}}.",
      placeholders: { company: "Acme" },
      detectsVoicemail: true,
    },
  ];
  /** Who carries the calls of its numbers. */
  provider: "twilio" | "sip_trunk" = "twilio";
  /** What a call that is refused with a 200 is refused with; undefined where none is. */
  refusal: ((toNumber: string) => string | undefined) | undefined;

  static start(clock: Clock): Promise<ElevenlabsStandIn> {
    return new ElevenlabsStandIn(clock).listen();
  }

  override notice(
    call: StandInCall,
    event: "ended" | "analyzed",
    { at = this.clock.now(), key = this.noticeKey }: { readonly at?: Date; readonly key?: string } = {},
  ): StandInNotice {
    const seconds = Math.floor(at.getTime() / 1000);
    const data = event === "analyzed" ? this.#show(call) : { ...this.#show(call), analysis: null };
    const bodyText = JSON.stringify({ type: "post_call_transcription", event_timestamp: seconds, data });
    const digest = createHmac("sha256", key).update(`${seconds}.${bodyText}`).digest("hex");
    return { bodyText, headers: { "elevenlabs-signature": `t=${seconds},v0=${digest}` } };
  }

  override loseAgent(): void {
    this.agents = this.agents.map((agent) => ({ ...agent, agent_id: "agent_9" }));
  }

  protected override isCreate({ method, path }: StandInRequest): boolean {
    return method === "POST" && /^\/v1\/convai\/(twilio|sip-trunk)\/outbound-call$/.test(path);
  }

  protected override isAuthorized(headers: IncomingHttpHeaders): boolean {
    return headers["xi-api-key"] === this.apiKey;
  }

  protected override readCreate({ path, body }: StandInRequest): NewCall | StandInAnswer {
    const read = createBody.safeParse(body);
    if (!read.success) return this.#invalid("body", read.error.message);
    const { agent_id, agent_phone_number_id, to_number, conversation_initiation_client_data: data } = read.data;
    const from = this.numbers.find(({ phone_number }) => toNumberId(phone_number) === agent_phone_number_id);
    const isCarried = path.includes("sip-trunk") === (this.provider === "sip_trunk");
    if (!from || !isCarried || !this.agents.some((agent) => agent.agent_id === agent_id)) return this.failure(404);
    if (this.refusedNumbers.includes(to_number)) return this.failure(400);
    const refusal = this.refusal?.(to_number);
    if (refusal !== undefined) return { status: 200, body: this.#answer(false, refusal, null) };
    const [reference = "", token = ""] = data.user_id.split(/:(.*)/s);
    return {
      token,
      reference,
      fromNumber: from.phone_number,
      toNumber: to_number,
      agentId: agent_id,
      variables: data.dynamic_variables,
      metadata: { batch_call_token: token, batch_call_send: reference },
    };
  }

  protected override created(call: StandInCall): StandInAnswer {
    const body =
      call.outcome === "no_room"
        ? this.#answer(false, "Too many concurrent calls for the plan of this workspace.", null)
        : this.#answer(true, "Success", call);
    return { status: 200, body };
  }

  #answer(success: boolean, message: string, call: StandInCall | null): object {
    const sid = call && `CA${call.id.slice(-8)}`;
    const telephony = this.provider === "twilio" ? { callSid: sid } : { sip_call_id: sid };
    return { success, message, conversation_id: call?.id ?? null, ...telephony };
  }

  protected override failure(status: number): StandInAnswer {
    if (status === 422) return this.#invalid("agent_id", "Input should be a valid string");
    const message = status === 400 ? "The to_number is not a valid phone number." : `Error ${status}`;
    return { status, body: { detail: { status: statuses[status] ?? "error", message } } };
  }

  #invalid(field: string, msg: string): StandInAnswer {
    return { status: 422, body: { detail: [{ loc: ["body", field], msg, type: "value_error" }] } };
  }

  protected override answer({ method, path, query }: StandInRequest): StandInAnswer {
    if (method !== "GET") return this.failure(404);
    const [, kind = "", id] = /^\/v1\/convai\/([\w-]+)(?:\/([^/]+))?$/.exec(path) ?? [];
    if (kind === "phone-numbers") return { status: 200, body: this.numbers.map((number) => this.#toNumber(number)) };
    if (kind === "agents") return id === undefined ? this.#listAgents() : this.#agent(id);
    if (kind !== "conversations") return this.failure(404);
    if (id === undefined) return this.#list(query);
    const call = this.calls.find((made) => made.id === id && made.outcome !== "no_room");
    return call ? { status: 200, body: this.#show(call) } : this.failure(404);
  }

  #list(query: URLSearchParams): StandInAnswer {
    const found = this.calls.filter(
      (call) => call.outcome !== "no_room" && this.isListed(call) && userIdOf(call) === query.get("user_id"),
    );
    return { status: 200, body: { conversations: found.map((call) => this.#toRow(call)), has_more: false } };
  }

  #toRow(call: StandInCall): object {
    const { agent_id, conversation_id, status, metadata } = this.#show(call);
    return {
      agent_id,
      conversation_id,
      status,
      start_time_unix_secs: metadata.start_time_unix_secs,
      call_duration_secs: metadata.call_duration_secs,
      message_count: 0,
      call_successful: "unknown",
    };
  }

  #show(call: StandInCall) {
    const { outcome, startedAt, endedAt, createdAt } = call;
    const isTalk = outcome === "answered" || outcome === "voicemail";
    const isOver = endedAt !== undefined;
    const isDone = isOver && (!isTalk || this.isAnalyzed(call));
    const start = startedAt ?? createdAt;
    const seconds = isOver && isTalk ? Math.round((endedAt.getTime() - start.getTime()) / 1000) : 0;
    const client = { user_id: userIdOf(call), dynamic_variables: call.variables };
    return {
      agent_id: call.agentId,
      conversation_id: call.id,
      status: statusOf(call, isDone),
      user_id: userIdOf(call),
      transcript: isOver && isTalk ? [turn("agent", "Hello."), turn("user", "Yes.")] : [],
      metadata: {
        start_time_unix_secs: Math.floor(start.getTime() / 1000),
        call_duration_secs: seconds,
        phone_call: {
          type: this.provider === "twilio" ? "twilio" : "sip_trunking",
          direction: "outbound",
          phone_number_id: toNumberId(call.fromNumber),
          agent_number: call.fromNumber,
          external_number: call.toNumber,
          call_sid: `CA${call.id.slice(-8)}`,
          ...(this.provider === "twilio" && { stream_sid: `MZ${call.id.slice(-8)}` }),
          ...(isOver && { call_result: outcome }),
        },
        termination_reason: isOver ? `Ended: ${outcome}` : "",
      },
      analysis: isDone && isTalk ? this.#analysis() : null,
      conversation_initiation_client_data: client,
      has_audio: false,
      has_user_audio: false,
      has_response_audio: false,
      has_auxiliary_audio: false,
    };
  }

  #analysis() {
    const collected = Object.entries(this.custom ?? {}).map(
      ([id, value]) => [id, { data_collection_id: id, value, rationale: "They said so." }] as const,
    );
    return {
      call_successful: "success",
      transcript_summary: "They said hello.",
      data_collection_results: Object.fromEntries(collected),
    };
  }

  #listAgents(): StandInAnswer {
    const agents = this.agents.map(({ agent_id, name }) => ({
      agent_id,
      name,
      voice_id: "voice_1",
      tags: [],
      created_at_unix_secs: 1_770_000_000,
      access_info: access,
    }));
    return { status: 200, body: { agents, has_more: false, next_cursor: null } };
  }

  #agent(id: string): StandInAnswer {
    const agent = this.agents.find(({ agent_id }) => agent_id === id);
    if (!agent) return this.failure(404);
    const voicemail = {
      type: "system",
      name: "voicemail_detection",
      description: "",
      params: { system_tool_type: "voicemail_detection" },
    };
    const config = {
      first_message: agent.first_message,
      language: "en",
      dynamic_variables: { dynamic_variable_placeholders: agent.placeholders },
      prompt: {
        prompt: agent.prompt,
        built_in_tools: { voicemail_detection: agent.detectsVoicemail ? voicemail : null },
      },
    };
    const metadata = { created_at_unix_secs: 1_770_000_000, updated_at_unix_secs: 1_770_000_000 };
    return {
      status: 200,
      body: { agent_id: id, name: agent.name, conversation_config: { agent: config }, metadata },
    };
  }

  #toNumber({ phone_number, nickname }: { readonly phone_number: string; readonly nickname: string | null }): object {
    return {
      phone_number,
      label: nickname ?? "",
      supports_inbound: true,
      supports_outbound: true,
      phone_number_id: toNumberId(phone_number),
      assigned_agent: null,
      provider: this.provider,
      ...(this.provider === "sip_trunk" && { livekit_stack: "standard" }),
    };
  }
}

const access = { is_creator: true, creator_name: "Ada", creator_email: "ada@example.com", role: "admin" };

function turn(role: "agent" | "user", message: string): object {
  return { role, message, time_in_call_secs: 0 };
}

function userIdOf({ metadata, reference }: StandInCall): string {
  const marks = new Map(Object.entries(Object(metadata)));
  return `${reference}:${String(marks.get("batch_call_token"))}`;
}

function toNumberId(phoneNumber: string): string {
  return `phnum_${phoneNumber.slice(1)}`;
}

function statusOf({ outcome, startedAt, endedAt }: StandInCall, isDone: boolean): string {
  if (!startedAt) return "initiated";
  if (!endedAt) return "in-progress";
  if (!isDone) return "processing";
  return outcome === "failed" ? "failed" : "done";
}
