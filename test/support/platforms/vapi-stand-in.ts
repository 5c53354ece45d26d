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

// Written from the vendor's API document (VapiAI/docs, commit of 2026-08-20), field by field; `npm run check-stand-ins -- --spec
// vapi=PATH` holds it against the document.

/** Strict: a field that is not documented is a mistake of ours, and `customers` would call by a batch of Vapi's own. */
const createBody = z.strictObject({
  assistantId: z.string().min(1),
  phoneNumberId: z.string().min(1),
  customer: z.strictObject({ number: z.string().min(3).max(40) }),
  assistantOverrides: z.strictObject({
    variableValues: z.record(z.string(), z.unknown()),
    metadata: z.record(z.string(), z.string()),
  }),
});

const words: Readonly<Record<StandInCall["outcome"], string>> = {
  answered: "customer-ended-call",
  no_answer: "customer-did-not-answer",
  busy: "customer-busy",
  voicemail: "voicemail",
  failed: "twilio-failed-to-connect-call",
  no_room: "call.start.error-subscription-concurrency-limit-reached",
};

const messages: Readonly<Record<number, string>> = {
  400: "customer.number must be a valid phone number in the E.164 format.",
  401: "Invalid Key.",
  402: "The wallet is empty.",
  422: "The assistant does not exist.",
};

export type VapiAssistant = {
  readonly id: string;
  readonly name: string;
  readonly firstMessage: string;
  readonly voicemailDetection?: object | "off";
  readonly model: object;
};

/** Vapi's API, as far as the carrier uses it. */
export class VapiStandIn extends PlatformStandIn {
  assistants: VapiAssistant[] = [
    {
      id: "agent_1",
      name: "Reminders",
      firstMessage: "Hello {{first_name}}",
      voicemailDetection: { provider: "vapi" },
      model: {
        provider: "openai",
        model: "gpt-4o",
        messages: [{ role: "system", content: "Remind {{ first_name | upcase }} of {{appointment}}. It is {{now}}." }],
      },
    },
  ];

  static start(clock: Clock): Promise<VapiStandIn> {
    return new VapiStandIn(clock).listen();
  }

  override notice(
    call: StandInCall,
    event: "ended" | "analyzed",
    { at = this.clock.now(), key = this.noticeKey }: { readonly at?: Date; readonly key?: string } = {},
  ): StandInNotice {
    const { endedReason } = this.#show(call);
    const message =
      event === "analyzed"
        ? { type: "end-of-call-report", endedReason, call: this.#show(call) }
        : { type: "status-update", status: "ended", endedReason, call: this.#show(call) };
    const bodyText = JSON.stringify({ message });
    const time = String(at.getTime());
    const digest = createHmac("sha256", key).update(`${time}.${bodyText}`).digest("hex");
    return { bodyText, headers: { "x-timestamp": time, "x-signature": digest } };
  }

  override loseAgent(): void {
    this.assistants = this.assistants.map((assistant) => ({ ...assistant, id: "agent_9" }));
  }

  protected override isCreate({ method, path }: StandInRequest): boolean {
    return method === "POST" && path === "/call";
  }

  protected override isAuthorized({ authorization }: IncomingHttpHeaders): boolean {
    return authorization === `Bearer ${this.apiKey}`;
  }

  protected override readCreate({ body }: StandInRequest): NewCall | StandInAnswer {
    const read = createBody.safeParse(body);
    if (!read.success) return this.failure(400);
    const { assistantId, phoneNumberId, customer, assistantOverrides: overrides } = read.data;
    const from = this.numbers.find(({ phone_number }) => toNumberId(phone_number) === phoneNumberId);
    if (!from || !this.assistants.some(({ id }) => id === assistantId))
      return wordedAs(400, `Couldn't find the ${from ? "assistant" : "phone number"} of this call.`);
    if (this.refusedNumbers.includes(customer.number)) return this.failure(400);
    return {
      token: String(overrides.metadata["batch_call_token"]),
      reference: String(overrides.metadata["batch_call_send"]),
      fromNumber: from.phone_number,
      toNumber: customer.number,
      agentId: assistantId,
      variables: overrides.variableValues,
      metadata: overrides.metadata,
    };
  }

  /** A call that has no line is told as one that waits: how it ended is seen later. */
  protected override created(call: StandInCall): StandInAnswer {
    const { endedReason: _, endedAt: _at, artifact: _said, analysis: _found, ...fresh } = this.#show(call);
    const concurrencyBlocked = call.outcome === "no_room";
    const before = this.inProgress - (call.startedAt ? 1 : 0) + this.foreignCalls;
    const remainingConcurrentCalls = concurrencyBlocked ? 0 : Math.max(this.lineLimit - before, 0);
    const subscriptionLimits = { concurrencyBlocked, concurrencyLimit: this.lineLimit, remainingConcurrentCalls };
    return { status: 201, body: { ...fresh, status: "queued", subscriptionLimits } };
  }

  protected override failure(status: number): StandInAnswer {
    return wordedAs(status, messages[status] ?? "Error");
  }

  protected override answer({ method, path, query }: StandInRequest): StandInAnswer {
    if (method !== "GET") return this.failure(404);
    if (path === "/assistant") return { status: 200, body: this.assistants.map((one) => ({ ...one, ...stored })) };
    if (path === "/phone-number") return { status: 200, body: this.numbers.map(toNumber) };
    if (path === "/call") return { status: 200, body: this.#list(query) };
    const id = /^\/call\/([^/]+)$/.exec(path)?.[1];
    const call = this.calls.find((made) => made.id === id);
    return call ? { status: 200, body: this.#show(call) } : this.failure(404);
  }

  #list(query: URLSearchParams): readonly object[] {
    const after = Date.parse(query.get("createdAtGe") ?? "1970-01-01T00:00:00Z");
    const before = Date.parse(query.get("createdAtLe") ?? "2100-01-01T00:00:00Z");
    const numberId = query.get("phoneNumberId");
    const found = this.calls.filter((call) => {
      const at = call.createdAt.getTime();
      const isOfNumber = numberId === null || toNumberId(call.fromNumber) === numberId;
      return this.isListed(call) && at >= after && at <= before && isOfNumber;
    });
    return found
      .toReversed()
      .slice(0, Number(query.get("limit") ?? 100))
      .map((call) => this.#show(call));
  }

  #show(call: StandInCall) {
    const { outcome, createdAt, startedAt, endedAt } = call;
    const isTalk = outcome === "answered" || outcome === "voicemail";
    const isOver = endedAt !== undefined;
    return {
      id: call.id,
      orgId: "org_1",
      type: "outboundPhoneCall",
      createdAt: createdAt.toISOString(),
      updatedAt: (endedAt ?? startedAt ?? createdAt).toISOString(),
      status: isOver ? "ended" : startedAt ? "in-progress" : "queued",
      assistantId: call.agentId,
      phoneNumberId: toNumberId(call.fromNumber),
      customer: { number: call.toNumber },
      assistantOverrides: { variableValues: call.variables, metadata: call.metadata },
      ...(isTalk && startedAt && { startedAt: startedAt.toISOString() }),
      ...(isOver && { endedAt: endedAt.toISOString(), endedReason: call.word ?? words[outcome] }),
      ...(isOver && isTalk && { artifact: { messages: [], transcript: "AI: Hello.\nUser: Yes.\n" } }),
      ...(isTalk &&
        this.isAnalyzed(call) && {
          analysis: { summary: "They said hello.", structuredData: this.custom ?? {}, successEvaluation: "true" },
        }),
    };
  }
}

function wordedAs(statusCode: number, message: string): StandInAnswer {
  return { status: statusCode, body: { message, error: "Error", statusCode } };
}

const stored = { orgId: "org_1", createdAt: "2026-01-01T00:00:00.000Z", updatedAt: "2026-01-01T00:00:00.000Z" };

function toNumber({
  phone_number,
  nickname,
}: {
  readonly phone_number: string;
  readonly nickname: string | null;
}): object {
  return {
    id: toNumberId(phone_number),
    ...stored,
    provider: "vapi",
    number: phone_number,
    ...(nickname !== null && { name: nickname }),
    status: "active",
  };
}

function toNumberId(phoneNumber: string): string {
  return `number_${phoneNumber.slice(1)}`;
}
