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

// Written from the vendor's API document (mirror of 2026-04-03) and the types of retell-sdk 5.66.1 (2026-09-11), field by field;
// `npm run check-stand-ins -- --spec retell=PATH` holds it against the document.

/** Strict: a field that is not documented is a mistake of ours. */
const createBody = z.strictObject({
  from_number: z.string().min(1),
  to_number: z.string().min(1),
  override_agent_id: z.string().min(1),
  metadata: z.record(z.string(), z.unknown()),
  retell_llm_dynamic_variables: z.record(z.string(), z.string()),
});
const listBody = z.strictObject({
  filter_criteria: z.strictObject({
    metadata: z.array(
      z.strictObject({ key: z.string(), type: z.literal("string"), op: z.literal("eq"), value: z.string() }),
    ),
  }),
});

const words: Readonly<Record<StandInCall["outcome"], string>> = {
  answered: "user_hangup",
  no_answer: "dial_no_answer",
  busy: "dial_busy",
  voicemail: "voicemail_reached",
  failed: "dial_failed",
  no_room: "concurrency_limit_reached",
};

const messages: Readonly<Record<number, string>> = {
  400: "Invalid request format, please check API reference.",
  401: "API key is missing or invalid.",
  402: "Trial has ended, please add payment method.",
  404: "The requested resource was not found.",
  422: "Cannot find requested asset under given api key.",
  429: "Account rate limited, please throttle your requests.",
  500: "An unexpected server error occurred.",
};

export type RetellAgent = {
  readonly agent_id: string;
  readonly agent_name: string;
  readonly voicemail_option: object | null;
  readonly response_engine: object;
};

/** Retell's API, as far as the carrier uses it. */
export class RetellStandIn extends PlatformStandIn {
  agents: RetellAgent[] = [
    {
      agent_id: "agent_1",
      agent_name: "Reminders",
      voicemail_option: { action: { type: "hangup" } },
      response_engine: { type: "retell-llm", llm_id: "llm_1", version: 0 },
    },
  ];
  llms: Record<string, object> = {
    llm_1: {
      general_prompt: "Remind {{first_name}} of {{appointment}}. It is {{current_time_America/New_York}}.",
      begin_message: "Hello {{first_name}}",
      default_dynamic_variables: { company: "Acme" },
    },
  };

  static start(clock: Clock): Promise<RetellStandIn> {
    return new RetellStandIn(clock).listen();
  }

  /** Notices are signed with the account's key. */
  override get noticeKey(): string {
    return this.apiKey;
  }

  override notice(
    call: StandInCall,
    event: "ended" | "analyzed",
    { at = this.clock.now(), key = this.noticeKey }: { readonly at?: Date; readonly key?: string } = {},
  ): StandInNotice {
    const { call_analysis, ...ended } = this.#show(call);
    const bodyText = JSON.stringify({
      event: `call_${event}`,
      call: event === "ended" ? ended : { ...ended, call_analysis },
    });
    const digest = createHmac("sha256", key).update(`${bodyText}${at.getTime()}`).digest("hex");
    return { bodyText, headers: { "x-retell-signature": `v=${at.getTime()},d=${digest}` } };
  }

  override loseAgent(): void {
    this.agents = this.agents.map((agent) => ({ ...agent, agent_id: "agent_9" }));
  }

  protected override isCreate({ method, path }: StandInRequest): boolean {
    return method === "POST" && path === "/v2/create-phone-call";
  }

  protected override isAuthorized({ authorization }: IncomingHttpHeaders): boolean {
    return authorization === `Bearer ${this.apiKey}`;
  }

  protected override readCreate({ body }: StandInRequest): NewCall | StandInAnswer {
    const read = createBody.safeParse(body);
    if (!read.success) return this.failure(400);
    const { from_number, to_number, override_agent_id, metadata, retell_llm_dynamic_variables } = read.data;
    const isKnown =
      this.agents.some(({ agent_id }) => agent_id === override_agent_id) &&
      this.numbers.some(({ phone_number }) => phone_number === from_number);
    if (!isKnown) return this.failure(422);
    if (this.refusedNumbers.includes(to_number)) return this.failure(400);
    return {
      token: String(metadata["batch_call_token"]),
      reference: String(metadata["batch_call_send"]),
      fromNumber: from_number,
      toNumber: to_number,
      agentId: override_agent_id,
      variables: retell_llm_dynamic_variables,
      metadata,
    };
  }

  protected override created(call: StandInCall): StandInAnswer {
    const { call_analysis: _, transcript: _text, ...fresh } = this.#show(call);
    return { status: 201, body: { ...fresh, call_status: "registered" } };
  }

  protected override failure(status: number): StandInAnswer {
    return { status, body: { status: "error", message: messages[status] ?? "Error" } };
  }

  protected override answer({ method, path, body }: StandInRequest): StandInAnswer {
    const [, route = "", ...rest] = path.replace(/^\/v[23]\//, "/").split("/");
    const id = decodeURIComponent(rest.join("/"));
    if (method === "POST" && path === "/v3/list-calls") return this.#list(body);
    if (method === "POST" && path === "/v2/list-agents") return page(this.agents.map(toRow));
    if (method === "POST" && route === "stop-call") return this.#stop(id);
    if (method !== "GET") return this.failure(404);
    if (route === "get-call")
      return this.#one(
        this.calls.find((call) => call.id === id),
        (call) => this.#show(call),
      );
    if (route === "get-agent")
      return this.#one(
        this.agents.find(({ agent_id }) => agent_id === id),
        toAgent,
      );
    if (route === "get-retell-llm")
      return this.#one(this.llms[id], (llm) => ({
        llm_id: id,
        version: 0,
        last_modification_timestamp: 1_770_000_000_000,
        ...llm,
      }));
    if (path === "/v2/list-phone-numbers") return page(this.numbers.map(toNumber));
    if (path === "/get-concurrency") return { status: 200, body: this.#lines() };
    return this.failure(404);
  }

  #stop(id: string): StandInAnswer {
    const call = this.calls.find((made) => made.id === id);
    if (!call) return this.failure(404);
    this.hangUp(call, "manual_stopped");
    return { status: 204 };
  }

  #one<T>(found: T | undefined, show: (found: T) => object): StandInAnswer {
    return found === undefined ? this.failure(422) : { status: 200, body: show(found) };
  }

  #list(body: unknown): StandInAnswer {
    const read = listBody.safeParse(body);
    if (!read.success) return this.failure(400);
    const [filter] = read.data.filter_criteria.metadata;
    const found = this.calls.filter(
      (call) =>
        filter &&
        this.isListed(call) &&
        new Map(Object.entries(Object(call.metadata))).get(filter.key) === filter.value,
    );
    // The list leaves out what was said.
    return page(found.map((call) => withoutTalk(this.#show(call))));
  }

  #lines() {
    return {
      current_concurrency: this.inProgress + this.foreignCalls,
      concurrency_limit: this.lineLimit,
      base_concurrency: this.lineLimit,
      purchased_concurrency: 0,
      concurrency_burst_enabled: false,
      concurrency_burst_limit: 0,
      reserved_inbound_concurrency: 0,
    };
  }

  #show(call: StandInCall) {
    const { outcome, startedAt, endedAt } = call;
    const isTalk = outcome === "answered" || outcome === "voicemail";
    const isOver = endedAt !== undefined;
    return {
      call_type: "phone_call",
      direction: "outbound",
      call_id: call.id,
      agent_id: call.agentId,
      agent_version: 0,
      from_number: call.fromNumber,
      to_number: call.toNumber,
      call_status: statusOf(call),
      metadata: call.metadata,
      retell_llm_dynamic_variables: call.variables,
      ...(isTalk && startedAt && { start_timestamp: startedAt.getTime() }),
      ...(isOver && { end_timestamp: endedAt.getTime(), disconnection_reason: call.word ?? words[outcome] }),
      ...(isOver && isTalk && startedAt && { duration_ms: endedAt.getTime() - startedAt.getTime() }),
      ...(isOver && isTalk && { transcript: "Agent: Hello.\nUser: Yes.\n" }),
      ...(isTalk && this.isAnalyzed(call) && { call_analysis: this.#analysisOf(outcome) }),
    };
  }

  #analysisOf(outcome: StandInCall["outcome"]) {
    return {
      call_summary: "They said hello.",
      in_voicemail: outcome === "voicemail",
      user_sentiment: "Neutral",
      call_successful: outcome === "answered",
      custom_analysis_data: this.custom ?? {},
    };
  }
}

function statusOf({ outcome, startedAt, endedAt }: StandInCall): string {
  const isTalk = outcome === "answered" || outcome === "voicemail";
  if (endedAt) return isTalk ? "ended" : "not_connected";
  return isTalk && startedAt ? "ongoing" : "registered";
}

function withoutTalk({ transcript: _, ...row }: { readonly transcript?: string }): object {
  return row;
}

function page(items: readonly object[]): StandInAnswer {
  return { status: 200, body: { items, has_more: false } };
}

function toRow({ agent_id, agent_name }: RetellAgent): object {
  return { agent_id, agent_name, channel: "voice", tags: {}, user_modified_timestamp: 1_770_000_000_000 };
}

function toAgent(agent: RetellAgent): object {
  return {
    ...agent,
    version: 0,
    voice_id: "voice_1",
    language: "en-US",
    last_modification_timestamp: 1_770_000_000_000,
  };
}

function toNumber(number: object): object {
  return { ...number, phone_number_type: "retell-twilio", last_modification_timestamp: 1_770_000_000_000 };
}
