import { createHash, createPrivateKey, createPublicKey, sign } from "node:crypto";
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

// Written from the vendor's API document (team-telnyx/openapi) as the types of npm telnyx 7.24.0 (2026-09-28) have it, field by field;
// `npm run check-stand-ins -- --spec telnyx=PATH` holds it against the document.

/** Strict: a field that is not documented is a mistake of ours, and a list in `to` would call all of it. */
const createBody = z.strictObject({
  connection_id: z.string().min(1),
  from: z.string().min(1),
  to: z.string().min(1),
  assistant: z.strictObject({
    id: z.string().min(1),
    dynamic_variables: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  }),
  client_state: z.base64().min(1),
  command_id: z.uuid(),
  answering_machine_detection: z.literal("premium"),
  retry_on_timeout: z.literal(false),
});

const causes: Readonly<Record<StandInCall["outcome"], string>> = {
  answered: "normal_clearing",
  no_answer: "no_answer",
  busy: "user_busy",
  voicemail: "normal_clearing",
  failed: "not_found",
  no_room: "call_rejected",
};
const sipCauses: Readonly<Record<StandInCall["outcome"], string>> = {
  answered: "200",
  no_answer: "487",
  busy: "486",
  voicemail: "200",
  failed: "404",
  no_room: "403",
};

/** Of a status without words of its own: the code, what it says, and what it points at. */
const failures: Readonly<Record<number, readonly [code: string, detail: string, pointer?: string]>> = {
  400: ["10016", "The 'to' parameter is not a valid phone number.", "/to"],
  401: ["10009", "The API key looks malformed. Check that you copied it correctly."],
  402: ["10039", "The account has no funds."],
  404: ["10005", "The requested resource or URL could not be found."],
  422: ["10015", "Invalid value for connection_id (Call Control App ID).", "/connection_id"],
  429: ["90103", "You have exceeded the number of dials per second."],
};

/** How long a call's status is told after its end. */
const statusMs = 10 * 60_000;

/** Telnyx' API, as far as the carrier uses it. */
export class TelnyxStandIn extends PlatformStandIn {
  override get noticeKey(): string {
    return publicKeyOf("the account's");
  }

  applications = [{ id: "7267000000000000001", application_name: "Reminders", active: true }];
  assistants = [
    {
      id: "agent_1",
      name: "Reminders",
      model: "moonshotai/Kimi-K2.5",
      instructions: "Remind {{first_name}} of {{appointment}}. You called {{telnyx_call_to}}.",
      greeting: "Hello {{first_name}}",
      dynamic_variables: { company: "Acme" },
    },
  ];
  /** By number: the application that it is assigned to. */
  assigned: Readonly<Record<string, string>> = {};

  static start(clock: Clock): Promise<TelnyxStandIn> {
    return new TelnyxStandIn(clock).listen();
  }

  /** `key` is the name of a key pair: of the account's own unless another is given. */
  override notice(
    call: StandInCall,
    event: "ended" | "analyzed",
    { at = this.clock.now(), key = "the account's" }: { readonly at?: Date; readonly key?: string } = {},
  ): StandInNotice {
    const raw =
      event === "ended"
        ? this.#rawEvent(call, "call.hangup", at, this.#hangup(call))
        : this.#rawEvent(call, "call.conversation_insights.generated", at, { results: [] });
    const bodyText = JSON.stringify({ data: raw });
    const timestamp = String(Math.floor(at.getTime() / 1000));
    const signature = sign(null, Buffer.from(`${timestamp}|${bodyText}`), privateKeyOf(key)).toString("base64");
    return { bodyText, headers: { "telnyx-timestamp": timestamp, "telnyx-signature-ed25519": signature } };
  }

  override loseAgent(): void {
    this.assistants = this.assistants.map((assistant) => ({ ...assistant, id: "agent_9" }));
  }

  protected override isCreate({ method, path }: StandInRequest): boolean {
    return method === "POST" && path === "/calls";
  }

  protected override isAuthorized({ authorization }: IncomingHttpHeaders): boolean {
    return authorization === `Bearer ${this.apiKey}`;
  }

  protected override readCreate({ body }: StandInRequest): NewCall | StandInAnswer {
    const read = createBody.safeParse(body);
    if (!read.success) return failureOf(422, "10015", read.error.message);
    const { connection_id, from, to, assistant, client_state } = read.data;
    if (!this.applications.some(({ id }) => id === connection_id)) return this.failure(422);
    if (!this.numbers.some(({ phone_number }) => phone_number === from))
      return failureOf(422, "10015", "The 'from' number is not one of the account.", "/from");
    if (!this.assistants.some(({ id }) => id === assistant.id))
      return failureOf(422, "10015", "The assistant was not found.", "/assistant/id");
    if (this.refusedNumbers.includes(to)) return this.failure(400);
    const marks = z
      .record(z.string(), z.string())
      .parse(JSON.parse(Buffer.from(client_state, "base64").toString("utf8")));
    return {
      token: String(marks["batch_call_token"]),
      reference: String(marks["batch_call_send"]),
      fromNumber: from,
      toNumber: to,
      agentId: assistant.id,
      variables: assistant.dynamic_variables,
      metadata: marks,
    };
  }

  protected override created(call: StandInCall): StandInAnswer {
    return ok({ ...idsOf(call), client_state: stateOf(call), is_alive: false, record_type: "call" });
  }

  protected override failure(status: number): StandInAnswer {
    const [code, detail, pointer] = failures[status] ?? ["10007", "Unexpected error."];
    return failureOf(status, code, detail, pointer);
  }

  protected override answer({ method, path, query }: StandInRequest): StandInAnswer {
    const [, first, id = "", last] = path.split("/").map(decodeURIComponent);
    if (method === "POST" && first === "calls" && path.endsWith("/actions/hangup")) return this.#hangUp(id);
    if (method !== "GET") return this.failure(404);
    if (path === "/call_control_applications")
      return page(this.applications.map((one) => ({ ...one, record_type: "call_control_application" })));
    if (path === "/phone_numbers") return page(this.numbers.map((number) => this.#toNumber(number)));
    if (path === "/ai/assistants")
      return { status: 200, body: { data: this.assistants.map((one) => ({ ...one, created_at: storedAt })) } };
    if (path === "/call_events") return page(this.#listEvents(query));
    if (first === "connections" && last === "active_calls") return page(this.#listActive());
    if (first === "calls") return this.#status(id);
    if (first === "ai" && id === "conversations") return this.#conversations(path, query);
    return this.failure(404);
  }

  #hangUp(controlId: string): StandInAnswer {
    const call = this.calls.find((made) => controlOf(made) === controlId);
    if (!call) return this.failure(404);
    this.hangUp(call, "originator_cancel");
    return ok({ result: "ok" });
  }

  #toNumber({ phone_number, nickname }: { readonly phone_number: string; readonly nickname: string | null }): object {
    const connection_id = this.assigned[phone_number];
    return {
      id: `number_${phone_number.slice(1)}`,
      phone_number,
      phone_number_type: "local",
      record_type: "phone_number",
      status: "active",
      ...(connection_id !== undefined && { connection_id }),
      ...(nickname !== null && { customer_reference: nickname }),
    };
  }

  #listActive(): readonly object[] {
    const active = this.calls.filter((call) => call.startedAt && !call.endedAt && this.isListed(call));
    return active.map((call) => ({
      ...idsOf(call),
      client_state: stateOf(call),
      call_duration: 0,
      record_type: "call",
    }));
  }

  #listEvents(query: URLSearchParams): readonly object[] {
    const [leg, to] = [query.get("filter[leg_id]"), query.get("filter[to]")];
    const wanted = this.calls.filter(
      (call) => this.isListed(call) && (leg === null || legOf(call) === leg) && (to === null || call.toNumber === to),
    );
    return wanted.flatMap((call) => this.#eventsOf(call));
  }

  #eventsOf(call: StandInCall): readonly object[] {
    const { createdAt, startedAt, endedAt, outcome } = call;
    const isTalk = outcome === "answered" || outcome === "voicemail";
    const result = outcome === "voicemail" ? "machine" : "human_residence";
    return [
      this.#event(call, "call.initiated", createdAt, { direction: "outgoing" }),
      ...(isTalk && startedAt
        ? [
            this.#event(call, "call.answered", startedAt, { state: "answered" }),
            ...(this.isAnalyzed(call) || outcome === "voicemail"
              ? [this.#event(call, "call.machine.premium.detection.ended", startedAt, { result })]
              : []),
          ]
        : []),
      ...(endedAt ? [this.#event(call, "call.hangup", endedAt, this.#hangup(call))] : []),
    ];
  }

  #hangup(call: StandInCall): object {
    return {
      state: "hangup",
      hangup_cause: call.word ?? causes[call.outcome],
      hangup_source: "callee",
      sip_hangup_cause: sipCauses[call.outcome],
    };
  }

  #event(call: StandInCall, name: string, at: Date, payload: object): object {
    const phrase = call.outcome === "no_room" && name === "call.hangup" ? "User channel limit exceeded D1" : undefined;
    return {
      call_leg_id: legOf(call),
      call_session_id: idsOf(call).call_session_id,
      event_timestamp: at.toISOString(),
      metadata: { event: this.#rawEvent(call, name, at, payload), ...(phrase !== undefined && { phrase }) },
      name,
      record_type: "call_event",
      type: "webhook",
    };
  }

  #rawEvent(call: StandInCall, event_type: string, at: Date, payload: object): object {
    const { fromNumber: from, toNumber: to } = call;
    const about = { ...idsOf(call), client_state: stateOf(call), connection_id: this.applications[0]?.id, from, to };
    return {
      event_type,
      id: `event_${call.id}`,
      occurred_at: at.toISOString(),
      payload: { ...about, ...payload },
      record_type: "event",
    };
  }

  #status(controlId: string): StandInAnswer {
    const call = this.calls.find((made) => controlOf(made) === controlId);
    const now = this.clock.now().getTime();
    if (!call || (call.endedAt && now - call.endedAt.getTime() > statusMs)) return this.failure(404);
    const { createdAt, startedAt, endedAt } = call;
    return ok({
      ...idsOf(call),
      client_state: stateOf(call),
      is_alive: startedAt !== undefined && endedAt === undefined,
      record_type: "call",
      start_time: createdAt.toISOString(),
      ...(endedAt && { end_time: endedAt.toISOString() }),
    });
  }

  #conversations(path: string, query: URLSearchParams): StandInAnswer {
    const [, , , id, part] = path.split("/");
    const talks = this.calls.filter(({ outcome }) => outcome === "answered" || outcome === "voicemail");
    if (id === undefined) {
      const controlId = query.get("metadata->call_control_id")?.replace(/^eq\./, "");
      const found = talks.filter((call) => controlOf(call) === controlId);
      return { status: 200, body: { data: found.map(toConversation) } };
    }
    const call = talks.find((made) => toConversation(made).id === id);
    if (!call) return this.failure(404);
    if (part === "messages")
      return page([
        { role: "assistant", text: "Hello.", created_at: storedAt },
        { role: "user", text: "Yes.", created_at: storedAt },
      ]);
    const results = ["They said hello.", JSON.stringify(this.custom ?? {})];
    const isDone = this.isAnalyzed(call);
    return page([
      {
        id: `insight_${call.id}`,
        created_at: storedAt,
        status: isDone ? "completed" : "pending",
        conversation_insights: isDone ? results.map((result, n) => ({ insight_id: `insight_${n}`, result })) : [],
      },
    ]);
  }
}

const storedAt = "2026-01-01T00:00:00.000Z";

function legOf({ id }: StandInCall): string {
  return `leg_${id}`;
}

function controlOf({ id }: StandInCall): string {
  return `v3:${id}`;
}

function idsOf(call: StandInCall) {
  return { call_control_id: controlOf(call), call_leg_id: legOf(call), call_session_id: `session_${call.id}` };
}

function stateOf({ metadata }: StandInCall): string {
  return Buffer.from(JSON.stringify(metadata)).toString("base64");
}

function toConversation(call: StandInCall) {
  return {
    id: `conversation_${call.id}`,
    created_at: storedAt,
    last_message_at: storedAt,
    metadata: { call_control_id: controlOf(call), assistant_id: call.agentId },
  };
}

function ok(data: object): StandInAnswer {
  return { status: 200, body: { data } };
}

function page(data: readonly object[]): StandInAnswer {
  const meta = { page_number: 1, page_size: 250, total_pages: 1, total_results: data.length };
  return { status: 200, body: { data, meta } };
}

function failureOf(status: number, code: string, detail: string, pointer?: string): StandInAnswer {
  const error = { code, title: "Error", detail, ...(pointer !== undefined && { source: { pointer } }) };
  return { status, body: { errors: [error] } };
}

/** Of a key pair that follows from its name: the header of a private key of Ed25519 (RFC 8410), and 32 bytes. */
export function privateKeyOf(name: string) {
  const seed = createHash("sha256").update(name).digest();
  const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
  return createPrivateKey({ key: der, format: "der", type: "pkcs8" });
}

export function publicKeyOf(name: string): string {
  const { x = "" } = createPublicKey(privateKeyOf(name)).export({ format: "jwk" });
  return Buffer.from(x, "base64url").toString("base64");
}
