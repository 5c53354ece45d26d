import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Outcome } from "../../../src/domain/batch/batch.ts";
import type { Clock } from "../../../src/lib/clock.ts";

export const bridgeSecret = "a secret of the bridge and the service, 0123456789";

/**
 * How a request goes wrong. `lost` never arrives, `answer_lost` arrives and its connection breaks; `late` arrives only
 * after that many seconds; the others are answered like this, and `rings` says whether the phone rings nevertheless.
 */
export type BridgeFault =
  | { readonly kind: "lost" | "answer_lost" }
  | { readonly kind: "late"; readonly seconds: number }
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly body?: string;
      readonly rings?: boolean;
      readonly headers?: Record<string, string>;
    };

export type Call = {
  readonly token: string;
  readonly toNumber: string;
  readonly outcome: Outcome;
  readonly startedAt: Date;
  readonly endedAt: Date;
};
type Answer = { readonly status: number; readonly body: string; readonly headers?: Record<string, string> };

/** A bridge on a real socket, as docs/carriers.md asks for it, that goes wrong as the test says. It outlives services. */
export class ScriptedBridge {
  /** Bodies of the dials that arrived, in order. */
  readonly dials: Record<string, unknown>[] = [];
  /** The calls that made a phone ring, in order: the ledger by which the service is judged. */
  readonly calls: Call[] = [];
  /** The other end's port of each connection that a dial came over. */
  readonly dialPorts: number[] = [];
  /** Tokens that were asked for, in order. */
  readonly lookUps: string[] = [];
  /** Requests whose signature was not right. */
  readonly unsigned: string[] = [];
  /** Ids of the requests that are held back at the moment. */
  readonly held = new Set<string>();
  /** The faults of the next dials, and of the next look-ups; afterwards all goes well. */
  dialFaults: (BridgeFault | undefined)[] = [];
  lookUpFaults: (BridgeFault | undefined)[] = [];
  callMs = 30_000;
  outcome: Outcome = "answered";
  /** Runs before a phone rings, and may set how that call goes. */
  onDial: () => void = () => {};
  /** Runs when a phone has begun to ring, before the dial is answered. */
  onRing: (call: Call) => Promise<void> = async () => {};

  readonly #clock: Clock;
  readonly #server: Server;
  readonly #notPlacedAt = new Map<string, number>();

  private constructor(clock: Clock) {
    this.#clock = clock;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(clock: Clock): Promise<ScriptedBridge> {
    const bridge = new ScriptedBridge(clock);
    bridge.#server.listen(0, "127.0.0.1");
    await once(bridge.#server, "listening");
    return bridge;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/batch-calls`;
  }

  /** Numbers that rang, in order. */
  get rung(): readonly string[] {
    return this.calls.map(({ toNumber }) => toNumber);
  }

  call(token: string): Call | undefined {
    return this.calls.find((call) => call.token === token);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const isDial = request.method === "POST";
    if (isDial) this.dialPorts.push(request.socket.remotePort ?? 0);
    const fault = isDial ? this.dialFaults.shift() : this.lookUpFaults.shift();
    if (fault?.kind === "lost") return void request.socket.destroy();
    if (fault?.kind === "late") await this.#hold(request, fault.seconds);
    const given = fault?.kind === "answer" ? fault : undefined;
    const answer = given && !given.rings ? undefined : await this.#process(request, body);
    if (fault?.kind === "answer_lost") return void request.socket.destroy();
    const { status, body: answerBody = "", headers = {} } = given ?? answer ?? { status: 500 };
    response.writeHead(status, headers).end(answerBody);
  }

  #hold(request: IncomingMessage, seconds: number): Promise<void> {
    const id = String(request.headers["x-test-id"]);
    this.held.add(id);
    return new Promise((resolve) => {
      this.#clock.at(new Date(this.#clock.now().getTime() + seconds * 1000), () => {
        this.held.delete(id);
        resolve();
      });
    });
  }

  async #process(request: IncomingMessage, body: string): Promise<Answer> {
    const path = request.url ?? "";
    const token = decodeURIComponent(path.split("/").at(-1) ?? "");
    const isDial = request.method === "POST";
    const seconds = this.#checkSignature(request, isDial ? body : token);
    if (!seconds) return { status: 401, body: "" };
    if (isDial && path === "/batch-calls") return this.#dial(JSON.parse(body), seconds);
    if (!isDial && path.startsWith("/batch-calls/calls/")) return this.#lookUp(token, seconds);
    return { status: 404, body: "no such route" };
  }

  /** The time stamp of a request with a right signature. */
  #checkSignature({ headers, method, url }: IncomingMessage, content: string): number | undefined {
    const seconds = Number(headers["x-batch-call-timestamp"]);
    const isFresh = Math.abs(this.#clock.now().getTime() / 1000 - seconds) <= 300;
    if (isFresh && headers["x-batch-call-signature"] === sign(content, seconds)) return seconds;
    this.unsigned.push(`${method} ${url}`);
    return undefined;
  }

  async #dial(body: Record<string, unknown>, seconds: number): Promise<Answer> {
    this.dials.push(body);
    const token = String(body["token"]);
    if (seconds <= (this.#notPlacedAt.get(token) ?? 0)) return { status: 425, body: "" };
    if (this.call(token)) return { status: 409, body: "" };
    this.onDial();
    const startedAt = this.#clock.now();
    const endedAt = new Date(startedAt.getTime() + this.callMs);
    const call = { token, toNumber: String(body["to_number"]), outcome: this.outcome, startedAt, endedAt };
    this.calls.push(call);
    await this.onRing(call);
    return { status: 202, body: "" };
  }

  #lookUp(token: string, seconds: number): Answer {
    this.lookUps.push(token);
    const call = this.call(token);
    if (!call) {
      this.#notPlacedAt.set(token, Math.max(seconds, this.#notPlacedAt.get(token) ?? 0));
      return { status: 404, body: JSON.stringify({ state: "not_placed" }) };
    }
    if (call.endedAt > this.#clock.now()) return { status: 200, body: JSON.stringify({ state: "ongoing" }) };
    return { status: 200, body: JSON.stringify({ state: "ended", ...toEnd(call) }) };
  }
}

/** Written again from docs/carriers.md, so that a mistake in our own signing shows. */
export function sign(content: string, unixSeconds: number): string {
  return `v1=${createHmac("sha256", bridgeSecret).update(`${unixSeconds}.`).update(content).digest("hex")}`;
}

/** What the bridge tells of a call that ended. */
export function toEnd({ outcome, startedAt, endedAt }: Omit<Call, "token" | "toNumber">): Record<string, unknown> {
  return {
    outcome,
    started_at: startedAt.toISOString(),
    ended_at: endedAt.toISOString(),
    ring_ms: 4000,
    talk_ms: outcome === "answered" ? 26_000 : 0,
    ...(outcome === "answered" && { transcript: "Agent: Hello.", summary: "They said hello." }),
  };
}
