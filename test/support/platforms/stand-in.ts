import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Outcome } from "../../../src/domain/batch/batch.ts";
import type { Clock } from "../../../src/lib/clock.ts";

/**
 * What becomes of a request. `lost_request`: never taken, the connection breaks; `lost_answer`: taken, then it breaks; `silent_before` and
 * `silent_after`: the same, and the connection stays open; `late`: taken long after it was given up; `500_after`: taken and answered as a
 * failure; `no_room`: a call is made that ends without having rung; `bare_403`, `html` and `nonsense`: nothing is taken, and something answers that is not the
 * platform, in HTML with 403 or 200 or in JSON of its own with 200; `lie`: nothing is taken, and it is answered as if it were; a number is answered as a
 * status, and nothing is taken.
 */
export type StandInFault =
  | "lost_request"
  | "lost_answer"
  | "silent_before"
  | "silent_after"
  | "late"
  | "500_after"
  | "no_room"
  | "bare_403"
  | "html"
  | "nonsense"
  | "lie"
  | number;

/** A call that the stand-in made. Its rings are the ledger by which the service is judged. */
export type StandInCall = {
  readonly id: string;
  readonly token: string;
  readonly reference: string;
  readonly fromNumber: string;
  readonly toNumber: string;
  readonly agentId: string;
  readonly variables: unknown;
  readonly metadata: unknown;
  readonly createdAt: Date;
  readonly outcome: Outcome | "no_room";
  startedAt?: Date;
  endedAt?: Date;
  /** Where a test says how it ended, in the platform's word. */
  word?: string;
};

export type StandInRequest = {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly headers: IncomingHttpHeaders;
};
/** A request and how it was answered, where nothing was scripted to go wrong. */
export type StandInExchange = { readonly request: StandInRequest; readonly answer: StandInAnswer };
export type StandInAnswer = { readonly status: number; readonly body?: unknown };

/** `search` is the query of the URL that it goes to, where the platform was told one with the call. */
export type StandInNotice = {
  readonly bodyText: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly search?: string;
};

/** What a platform's API reads out of the request that makes a call. */
export type NewCall = Pick<
  StandInCall,
  "token" | "reference" | "fromNumber" | "toNumber" | "agentId" | "variables" | "metadata"
>;

const lateMs = 45_000;

/**
 * Stands in for a voice-agent platform on a real socket: takes requests, goes wrong as the test says, and counts how often the
 * phone of each token rang. What its requests and answers look like is for each platform to say, in documented fields alone.
 */
export abstract class PlatformStandIn {
  /** Everything that arrived, in order. */
  readonly seen: StandInRequest[] = [];
  readonly exchanges: StandInExchange[] = [];
  readonly calls: StandInCall[] = [];
  /** The calls that rang a phone, in order. */
  readonly rings: StandInCall[] = [];
  /** The other end's port of each connection that a request to make a call came over. */
  readonly createPorts: number[] = [];
  /** Ids of the requests that are not answered. */
  readonly held = new Set<string>();
  /** What becomes of a request that makes a call, and of any other. */
  createFault: () => StandInFault | undefined = () => undefined;
  readFault: () => "lost_request" | "silent_before" | "html" | "nonsense" | number | undefined = () => undefined;
  /** From the creation to the ring, from there to the end, and from there to the analysis. */
  queueMs = 0;
  callMs = 30_000;
  analysisMs = 0;
  /** How long a call that was made is not listed yet. */
  listedAfterMs = 0;
  /** The only key that it takes. */
  apiKey = "key_of_the_account";
  /** The account's numbers. */
  numbers: readonly { readonly phone_number: string; readonly nickname: string | null }[] = [
    { phone_number: "+14155550100", nickname: "Main line" },
  ];
  /** Numbers whose calls are refused as such. */
  refusedNumbers: readonly string[] = [];
  /** Other calls of the account, and how many it may have. */
  foreignCalls = 0;
  lineLimit = 20;
  /** What the agent's own analysis finds out, whoever picked up. */
  custom: object | undefined;
  /** Told when a call is over, and again when it is analysed. */
  onEvent: (call: StandInCall, event: "ended" | "analyzed") => void = () => {};
  protected readonly clock: Clock;
  readonly #scripts = new Map<string, Outcome[]>();
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Whether that request makes a call. */
  protected abstract isCreate(request: StandInRequest): boolean;
  protected abstract isAuthorized(headers: IncomingHttpHeaders): boolean;
  /** What is to be called, or how it is refused. */
  protected abstract readCreate(request: StandInRequest): NewCall | StandInAnswer;
  /** The answer to the request that made a call. */
  protected abstract created(call: StandInCall): StandInAnswer;
  protected abstract answer(request: StandInRequest): StandInAnswer;
  /** A notice of that call as the platform sends it, signed now or then, with the account's key or another. */
  abstract notice(
    call: StandInCall,
    event: "ended" | "analyzed",
    signed?: { readonly at?: Date; readonly key?: string },
  ): StandInNotice;
  /** From now on the account has another agent alone. */
  abstract loseAgent(): void;
  /** How the platform words a failure with that status. */
  protected abstract failure(status: number): StandInAnswer;

  /** What it signs its notices with. */
  get noticeKey(): string {
    return "secret_of_the_webhook";
  }

  async listen(port = 0): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(port, "127.0.0.1", resolve));
    return this;
  }

  get url(): string {
    // Safe: the server listens on TCP from `listen` on.
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  /** Outcomes of the calls to a number, in order; the last one repeats. Without a script everybody answers. */
  script(toNumber: string, ...outcomes: Outcome[]): void {
    this.#scripts.set(toNumber, outcomes);
  }

  /** Numbers that rang, in order. */
  get rung(): readonly string[] {
    return this.rings.map(({ toNumber }) => toNumber);
  }

  /** Tokens whose phone rang more often than once. */
  get rungTwice(): readonly string[] {
    const tokens = this.rings.map(({ token }) => token);
    return tokens.filter((token, place) => tokens.indexOf(token) !== place);
  }

  /** Requests that could have made a phone ring. */
  get creates(): readonly StandInRequest[] {
    return this.seen.filter((request) => this.isCreate(request));
  }

  /** Calls in progress. */
  get inProgress(): number {
    return this.calls.filter(({ startedAt, endedAt }) => startedAt && !endedAt).length;
  }

  protected isListed({ createdAt }: StandInCall): boolean {
    return this.clock.now().getTime() - createdAt.getTime() >= this.listedAfterMs;
  }

  protected isAnalyzed({ endedAt }: StandInCall): boolean {
    return endedAt !== undefined && this.clock.now().getTime() >= endedAt.getTime() + this.analysisMs;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname: path, searchParams: query } = new URL(request.url ?? "/", "http://host");
    const sent = await text(request);
    const isForm = request.headers["content-type"] === "application/x-www-form-urlencoded";
    const asked = isForm ? fieldsOf(sent) : jsonOf(sent);
    const seen = { method: request.method ?? "", path, query, body: asked, headers: request.headers };
    this.seen.push(seen);
    if (this.isCreate(seen)) this.createPorts.push(request.socket.remotePort ?? 0);
    const fault = this.isCreate(seen) ? this.createFault() : this.readFault();
    if (fault === "silent_before" || fault === "silent_after" || fault === "late")
      this.held.add(String(request.headers["x-test-id"]));
    if (fault === "silent_before") return;
    if (fault === "lost_request") return void response.socket?.resetAndDestroy();
    if (fault === "bare_403") return void response.writeHead(403, { "content-type": "text/html" }).end("<h1>No</h1>");
    if (fault === "html") return void response.writeHead(200, { "content-type": "text/html" }).end("<h1>Hello</h1>");
    if (fault === "nonsense") return void response.writeHead(200).end('{"ok":true,"id":17,"message":null}');
    if (fault === "late") await new Promise<void>((arrive) => this.#after(lateMs, arrive));
    const answer = typeof fault === "number" ? this.failure(fault) : this.#take(seen, fault);
    if (fault === "late" || fault === "silent_after") return;
    if (fault === "lost_answer") return void response.socket?.resetAndDestroy();
    if (fault === undefined) this.exchanges.push({ request: seen, answer });
    const { status, body } = fault === "500_after" ? this.failure(500) : answer;
    response.writeHead(status, { "content-type": "application/json" });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  }

  #take(request: StandInRequest, fault: StandInFault | undefined): StandInAnswer {
    if (!this.isAuthorized(request.headers)) return this.failure(401);
    if (!this.isCreate(request)) return this.answer(request);
    const wanted = this.readCreate(request);
    if ("status" in wanted) return wanted;
    if (fault === "lie")
      return this.created({ ...wanted, id: "call_that_never_was", outcome: "answered", createdAt: this.clock.now() });
    return this.created(this.#make(wanted, fault === "no_room"));
  }

  /** The call is ended by its own API, under that word. */
  protected hangUp(call: StandInCall, word: string): void {
    if (call.endedAt) return;
    call.word = word;
    this.#end(call);
  }

  #make(wanted: NewCall, isFull: boolean): StandInCall {
    const script = this.#scripts.get(wanted.toNumber) ?? ["answered"];
    const outcome = isFull ? "no_room" : ((script.length > 1 ? script.shift() : script[0]) ?? "answered");
    const id = `call_${String(this.calls.length + 1).padStart(28, "0")}`;
    const call: StandInCall = { ...wanted, id, outcome, createdAt: this.clock.now() };
    this.calls.push(call);
    this.#after(this.queueMs, () => (isFull ? this.#end(call) : this.#ring(call)));
    return call;
  }

  /** Takes a call that waits in the queue out of it. */
  protected takeBack(call: StandInCall): void {
    if (!call.startedAt && !call.endedAt) this.#end(call);
  }

  #ring(call: StandInCall): void {
    // It was taken back.
    if (call.endedAt) return;
    call.startedAt = this.clock.now();
    this.rings.push(call);
    this.#after(this.callMs, () => this.#end(call));
  }

  #end(call: StandInCall): void {
    if (call.endedAt) return;
    call.endedAt = this.clock.now();
    this.onEvent(call, "ended");
    this.#after(this.analysisMs, () => this.onEvent(call, "analyzed"));
  }

  #after(ms: number, callback: () => void): void {
    if (ms === 0) callback();
    else this.clock.at(new Date(this.clock.now().getTime() + ms), callback);
  }
}

/** The fields of a form; what comes more than once is a list. */
function fieldsOf(sent: string): Readonly<Record<string, string | readonly string[]>> {
  const fields = new URLSearchParams(sent);
  return Object.fromEntries(
    [...new Set(fields.keys())].map((name) => {
      const values = fields.getAll(name);
      return [name, values.length > 1 ? values : (values[0] ?? "")];
    }),
  );
}

function jsonOf(sent: string): unknown {
  try {
    return JSON.parse(sent);
  } catch {
    return undefined;
  }
}
