import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setImmediate } from "node:timers/promises";
import type { TestClock } from "../test-clock.ts";
import { bridgeSecret } from "./scripted-bridge.ts";

/** The one way in which a bridge breaks the contract. */
export type Fault =
  | "answers in HTML"
  | "closes connections"
  | "never answers"
  | "answers when the call is long over"
  | "calls for each copy"
  | "calls for copies that come side by side"
  | "calls for a dial that is older than not_placed"
  | "calls for a body without a number"
  | "answers 500 to a broken body"
  | "accepts another secret"
  | "checks only look-ups"
  | "accepts old time stamps"
  | "does not decode tokens"
  | "forgets tokens when the call is over"
  | "forgets tokens when it is restarted"
  | "cannot tell"
  | "refuses every call"
  | "never tells an end"
  | "tells an outcome of its own"
  | "sends no reports"
  | "signs its reports with another secret"
  | "signs another text than it reports"
  | "reports two ends"
  | "says what nobody can read"
  | "extracts nothing"
  | "tells answers that cannot be read";

type Call = { readonly from: number; readonly to: number; readonly callbackUrl?: string };
type Answer = { readonly status: number; readonly body?: object };

const callMs = 20_000;
const notPlaced: Answer = { status: 404, body: { state: "not_placed" } };

/** A bridge as docs/carriers.md asks for it, but for one fault, on a real socket. It reports every end twice. */
export class FaultyBridge {
  /** Numbers that rang, in order. */
  readonly rung: unknown[] = [];
  /** Requests that came in. */
  requests = 0;
  readonly #clock: TestClock;
  readonly #fault: Fault | undefined;
  readonly #server: Server;
  readonly #calls = new Map<unknown, Call>();
  readonly #notPlaced = new Map<unknown, number>();
  readonly #reports = new Set<Promise<unknown>>();

  private constructor(clock: TestClock, fault: Fault | undefined) {
    this.#clock = clock;
    this.#fault = fault;
    this.#server = createServer((request, response) => void this.#serve(request, response));
    clock.settleWith(() => Promise.all(this.#reports));
  }

  static async start(clock: TestClock, fault?: Fault): Promise<FaultyBridge> {
    const bridge = new FaultyBridge(clock, fault);
    bridge.#server.listen(0, "127.0.0.1");
    await once(bridge.#server, "listening");
    return bridge;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/calls-of/ours`;
  }

  /** As after a new start of its program. */
  restart(): void {
    if (this.#fault === "forgets tokens when it is restarted") this.#calls.clear();
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests += 1;
    const body = await text(request);
    if (this.#fault === "closes connections") return void request.socket.destroy();
    if (this.#fault === "never answers") return this.#clock.advance({ seconds: 11 });
    if (this.#fault === "answers in HTML")
      return void response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><h1>Welcome</h1>");
    const answer = await (request.method === "POST" ? this.#dial(request, body) : this.#lookUp(request));
    response.writeHead(answer.status, { "content-type": "application/json" });
    response.end(answer.body && JSON.stringify(answer.body));
  }

  async #dial(request: IncomingMessage, bodyText: string): Promise<Answer> {
    const seconds = this.#signedAt(request, bodyText);
    if (seconds === undefined) return { status: 401 };
    const body = readBody(bodyText);
    const { token, to_number: number } = body ?? {};
    const isWhole = typeof token === "string" && token !== "" && typeof number === "string";
    if (!isWhole && !(token && this.#fault === "calls for a body without a number"))
      return { status: this.#fault === "answers 500 to a broken body" ? 500 : 400 };
    if (this.#fault === "refuses every call")
      return { status: 422, body: { state: "refused", reason: `no permission to call ${number}` } };
    if (
      this.#fault !== "calls for a dial that is older than not_placed" &&
      seconds <= (this.#notPlaced.get(token) ?? 0)
    )
      return { status: 425 };
    if (this.#calls.has(token) && this.#fault !== "calls for each copy") return { status: 409 };
    if (this.#fault === "calls for copies that come side by side") for (let n = 0; n < 50; n += 1) await setImmediate();
    this.#ring(token, number, body?.["callback_url"]);
    if (this.#fault === "answers when the call is long over") await this.#clock.advance({ seconds: 12 });
    return { status: 202 };
  }

  #ring(token: unknown, number: unknown, callbackUrl: unknown): void {
    this.rung.push(number);
    const from = this.#clock.now().getTime();
    const call = { from, to: from + callMs, ...(typeof callbackUrl === "string" && { callbackUrl }) };
    if (!this.#calls.has(token)) this.#calls.set(token, call);
    for (const afterMs of [0, 2_000]) {
      this.#clock.at(new Date(call.to + afterMs), () => {
        const report = this.#report(token, call, afterMs > 0).finally(() => this.#reports.delete(report));
        this.#reports.add(report);
      });
    }
  }

  #lookUp(request: IncomingMessage): Answer {
    const raw = request.url?.split("/").at(-1) ?? "";
    const token = decodeURIComponent(raw);
    const seconds = this.#signedAt(request, token);
    if (seconds === undefined) return { status: 401 };
    const call = this.#calls.get(this.#fault === "does not decode tokens" ? raw : token);
    const isOver = call && this.#clock.now().getTime() >= call.to;
    if (!call || (isOver && this.#fault === "forgets tokens when the call is over" && this.#forget(token))) {
      this.#notPlaced.set(token, Math.max(seconds, this.#notPlaced.get(token) ?? 0));
      return notPlaced;
    }
    if (this.#fault === "cannot tell") return { status: 200, body: { state: "cannot_tell" } };
    if (!isOver || this.#fault === "never tells an end") return { status: 200, body: { state: "ongoing" } };
    const outcome = this.#fault === "tells an outcome of its own" ? "hung_up" : "answered";
    return { status: 200, body: { state: "ended", ...this.#endOf(call, outcome) } };
  }

  /** Tells the end once, and has forgotten the call after that. */
  #forget(token: string): boolean {
    const isForgotten = this.#told.has(token);
    this.#told.add(token);
    if (isForgotten) this.#calls.delete(token);
    return isForgotten;
  }
  readonly #told = new Set<string>();

  #endOf({ from, to }: Call, outcome: string): object {
    const times = { started_at: new Date(from).toISOString(), ended_at: new Date(to).toISOString(), talk_ms: 12_000 };
    const isRead = this.#fault !== "says what nobody can read";
    const said = { opt_out: isRead ? false : "maybe", call_back_at: isRead ? "2026-03-03T15:00" : "after lunch" };
    const answers = this.#fault === "tells answers that cannot be read" ? "yes" : { heard: "yes" };
    return { outcome, ...times, ...said, ...(this.#fault !== "extracts nothing" && { answers }) };
  }

  async #report(token: unknown, call: Call, isSecond: boolean): Promise<void> {
    if (!call.callbackUrl || this.#fault === "sends no reports" || this.#fault === "never tells an end") return;
    const outcome = isSecond && this.#fault === "reports two ends" ? "busy" : "answered";
    const body = JSON.stringify({ token, ...this.#endOf(call, outcome) });
    const seconds = Math.floor(this.#clock.now().getTime() / 1000);
    const secret = this.#fault === "signs its reports with another secret" ? "another secret" : bridgeSecret;
    const signed = this.#fault === "signs another text than it reports" ? `${body}\n` : body;
    const headers = {
      "x-batch-call-timestamp": `${seconds}`,
      "x-batch-call-signature": signatureOf(secret, seconds, signed),
    };
    await fetch(call.callbackUrl, { method: "POST", body, headers });
  }

  #signedAt({ headers, method }: IncomingMessage, content: string): number | undefined {
    const seconds = Number(headers["x-batch-call-timestamp"]);
    const isFresh = Math.abs(this.#clock.now().getTime() / 1000 - seconds) <= 300;
    const isSigned = headers["x-batch-call-signature"] === signatureOf(bridgeSecret, seconds, content);
    if (this.#fault === "accepts another secret" && headers["x-batch-call-signature"]) return seconds;
    if (this.#fault === "checks only look-ups" && method === "POST") return seconds;
    return isSigned && (isFresh || this.#fault === "accepts old time stamps") ? seconds : undefined;
  }
}

function readBody(bodyText: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(bodyText);
  } catch {
    return undefined;
  }
}

function signatureOf(secret: string, seconds: number, content: string): string {
  return `v1=${createHmac("sha256", secret).update(`${seconds}.${content}`).digest("hex")}`;
}
