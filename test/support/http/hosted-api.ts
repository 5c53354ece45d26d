import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { z } from "zod";
import type { HostedPhones } from "./hosted-phones.ts";

const draftBody = z.looseObject({
  name: z.string(),
  agent_id: z.string(),
  from_number: z.string(),
  tasks: z.array(z.looseObject({ to_number: z.string(), dynamic_variables: z.unknown().optional() })),
  status: z.string(),
  send_now: z.boolean(),
  timezone: z.string(),
  trigger_timestamp: z.number().optional(),
});

type HostedBatch = {
  readonly batch_call_id: string;
  name: string;
  status: string;
  readonly tasks: readonly { readonly to_number: string; readonly dynamic_variables?: unknown }[];
  readonly scheduled_timestamp?: number;
};
const patchBody = z.looseObject({ status: z.string().optional(), trigger_timestamp: z.number().optional() });

type Page = { readonly page: number; readonly limit: number };
export type StartEffect = { readonly method: string; readonly path: string; readonly body: unknown };

/** What becomes of the next create: `lost_answer`: made, then the connection breaks; `lost_request`: never made. */
export type CreateFault = "lost_answer" | "lost_request";

/**
 * What becomes of a request: `lost_request`: never taken; `lost_answer`: taken, then the connection breaks; the two
 * `silent` ones hold the connection open instead; `late`: taken when `later` says, long after it was given up; a number is answered as a status, and nothing is taken.
 */
export type RequestFault = "lost_request" | "lost_answer" | "silent_before" | "silent_after" | "late" | number;

/**
 * Stands in for the hosted API: the documented routes that drafts need, no extension, no Idempotency-Key, no
 * X-Environment. Everything that reached it is kept, for tests to see what did not.
 */
export class HostedApi {
  readonly seen: StartEffect[] = [];
  readonly batches = new Map<string, HostedBatch>();
  /** Faults of the next creates. */
  createFaults: CreateFault[] = [];
  /** Fields that it puts into what it makes, whatever it was told. */
  distortion: Record<string, unknown> = {};
  /** Fields that it leaves out of its answers. */
  hidden: string[] = [];
  taskStatus = "PENDING";
  /** Fields of the tasks by their number, such as status and call_id, where they differ. */
  readonly taskFields = new Map<string, object>();
  /** Calls by their id, as `GET /api/calls/{id}` answers them. */
  readonly calls = new Map<string, object>();
  /** How often the next requests for calls are refused because there were too many; each names that many seconds to wait. */
  callLimits: number[] = [];
  /** Of requests that would set a batch going, in their order. */
  startFaults: RequestFault[] = [];
  /** Reads the time of a PATCH as seconds and keeps it as milliseconds. */
  takesSeconds = false;
  /** What becomes of any request, where a test says so; before the faults above. */
  faultOf: (seen: StartEffect) => RequestFault | undefined = () => undefined;
  /** With phones it is stricter, as the pages are: only drafts are executed, only what is not under way is deleted. */
  phones: HostedPhones | undefined;
  agents: readonly string[] = ["agent_1"];
  numbers: readonly string[] = ["+14155550100"];
  /** The only key that it takes, where a test sets one. */
  apiKey: string | undefined;
  /** Batches that it has and does not show yet. */
  hides: (batchId: string) => boolean = () => false;
  /** Batches that it reads and deletes by their id, and does not list yet. */
  isUnlisted: (batchId: string) => boolean = () => false;
  /** How many rows it lists a page, whatever it was asked for; it says so in its answer. */
  pageSize: ((asked: number) => number) | undefined;
  /** Answered instead, with a 200 and as HTML, where a test sets one. */
  html: (seen: StartEffect) => string | undefined = () => undefined;
  /** When a request that is late arrives: never, unless a test says so. */
  later: (arrive: () => void) => void = () => {};
  /** Ids, by their header, of the requests that are never answered. */
  readonly held = new Set<string>();
  /** Told of every request that was taken, before it is answered. */
  onTaken: (seen: StartEffect) => void = () => {};
  #made = 0;
  readonly #reached: { readonly test: (seen: StartEffect) => boolean; readonly tell: () => void }[] = [];
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  static async start(): Promise<HostedApi> {
    const api = new HostedApi();
    await new Promise<void>((resolve) => api.#server.listen(0, "127.0.0.1", resolve));
    return api;
  }

  get url(): string {
    // Safe: the server listens on TCP from `start` on.
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  /** Resolves when such a request has arrived. */
  reached(test: (seen: StartEffect) => boolean): Promise<void> {
    return new Promise((tell) => this.#reached.push({ test, tell }));
  }

  /** Sets a batch going, as the request that was lost would have done. */
  execute(id: string): void {
    Object.assign(this.batches.get(id) ?? {}, { status: "SENT" });
  }

  /** Makes the batch of a create that reached it, as `POST /batch-call` does. */
  make(body: unknown): HostedBatch {
    const { name, agent_id, from_number, tasks, status, timezone, trigger_timestamp } = draftBody.parse(body);
    this.#made++;
    const batch_call_id = `batch_call_${String(this.#made).padStart(32, "0")}`;
    const time = trigger_timestamp === undefined ? {} : { scheduled_timestamp: trigger_timestamp };
    const made = {
      batch_call_id,
      name,
      agent_id,
      from_number,
      status,
      timezone,
      total_task_count: tasks.length,
      ...time,
    };
    const batch = { ...made, created_timestamp: 1_770_000_000_000 + this.#made, tasks, ...this.distortion };
    this.batches.set(batch_call_id, batch);
    return batch;
  }

  /** Requests that could have made a phone ring. */
  get dangerous(): readonly StartEffect[] {
    return this.seen.filter(startsSomething);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname: path, searchParams } = new URL(request.url ?? "/", "http://host");
    const method = request.method ?? "";
    const body: unknown = Number(request.headers["content-length"] ?? 0) > 0 ? await json(request) : undefined;
    const seen = { method, path, body };
    this.seen.push(seen);
    for (const { test, tell } of this.#reached) if (test(seen)) tell();
    const fault = this.faultOf(seen) ?? (startsSomething(seen) ? this.startFaults.shift() : undefined);
    if (fault === "silent_before" || fault === "silent_after" || fault === "late")
      this.held.add(String(request.headers["x-test-id"]));
    if (fault === "silent_before") return;
    if (fault === "lost_request") return void response.socket?.resetAndDestroy();
    const html = this.html(seen);
    if (html !== undefined) return void response.writeHead(200, { "content-type": "text/html" }).end(html);
    if (typeof fault === "number") {
      return void response.writeHead(fault, { "content-type": "application/json" }).end(JSON.stringify(notFound));
    }
    const limit = path.startsWith("/api/calls/") ? this.callLimits.shift() : undefined;
    if (limit !== undefined) {
      const tooMany = { "content-type": "application/json", "retry-after": String(limit) };
      return void response.writeHead(429, tooMany).end(JSON.stringify(notFound));
    }
    if (this.apiKey !== undefined && request.headers["x-api-key"] !== this.apiKey) {
      const refused = { message: "Unauthorized", status: "error", error: "Missing or invalid API key/secret" };
      return void response.writeHead(401, { "content-type": "application/json" }).end(JSON.stringify(refused));
    }
    const refusal = this.phones && this.#refusalOf(method, path, body);
    if (refusal !== undefined) {
      const wrong = { message: "Validation error", status: "error", error: refusal };
      return void response.writeHead(400, { "content-type": "application/json" }).end(JSON.stringify(wrong));
    }
    const asked = Number(searchParams.get("limit") ?? 100);
    const page = { page: Number(searchParams.get("page") ?? 0), limit: this.pageSize?.(asked) ?? asked };
    if (fault === "late") await new Promise<void>((arrive) => this.later(arrive));
    const answer = this.#answer(method, path, body, page);
    this.onTaken(seen);
    if (fault === "late") return;
    if (fault === "silent_after") return;
    if (fault === "lost_answer") return void response.socket?.resetAndDestroy();
    if (answer) response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
    else if (answer === undefined)
      response.writeHead(404, { "content-type": "application/json" }).end(JSON.stringify(notFound));
    else response.socket?.resetAndDestroy();
  }

  /** The body of a 200; undefined for a 404, null to break the connection. */
  #answer(method: string, path: string, body: unknown, page: Page): object | undefined | null {
    if (path === "/batch-call") return this.#create(body);
    if (path === "/batch-call/list") return listed("batch_calls", this.#newestFirst(), page, (row) => this.#show(row));
    const agent = this.agents.find((id) => path === `/api/agents/${id}/full`);
    if (agent) return enveloped(toAgent(agent));
    if (path === "/api/agents") return listed("agents", this.agents.map(toAgent), page);
    if (path === "/api/phone-numbers")
      return listed(
        "phone_numbers",
        this.numbers.map((phone_number) => ({ phone_number })),
        page,
      );
    const call = path.startsWith("/api/calls/") ? this.phones?.call(path.slice("/api/calls/".length)) : undefined;
    if (call) return enveloped(call);
    if (path.startsWith("/api/calls/")) return this.#call(path.slice("/api/calls/".length));
    const [, , id = "", step] = path.split("/");
    const batch = this.batches.get(id);
    if (!batch || this.hides(id)) return undefined;
    if (method === "GET" && step === "tasks") return listed("tasks", this.#tasksOf(batch), page);
    if (method === "POST" && step === "execute") {
      if (!/^(draft|scheduled)$/i.test(batch.status)) return enveloped(null);
      this.setGoing(batch);
      return enveloped({ batch_call_id: id, status: "SENT", execution_started_at: new Date(0).toISOString() });
    }
    if (step !== undefined) return undefined;
    if (method === "DELETE") this.batches.delete(id);
    if (method === "PATCH") this.#edit(batch, body);
    if (method === "PUT") this.#replace(batch, body);
    return enveloped(this.#show(batch));
  }

  #edit(batch: HostedBatch, body: unknown): void {
    const { trigger_timestamp: at, ...changes } = patchBody.parse(body);
    const kept = this.takesSeconds && at !== undefined ? at * 1000 : at;
    Object.assign(batch, changes, at === undefined ? {} : { scheduled_timestamp: kept });
    this.#awaitTime(batch);
  }

  /** With phones, a batch that is scheduled is set going at its time. */
  #awaitTime(batch: HostedBatch): void {
    const { scheduled_timestamp: at } = batch;
    const isDue = () => /^scheduled$/i.test(batch.status) && batch.scheduled_timestamp === at;
    if (at === undefined || !this.phones || !isDue()) return;
    this.phones.at(new Date(at), () => {
      if (isDue() && this.batches.has(batch.batch_call_id)) this.setGoing(batch);
    });
  }

  /** Starts a batch: as it is told to, or by itself. */
  setGoing(batch: HostedBatch): void {
    this.execute(batch.batch_call_id);
    this.phones?.start(batch, () => Object.assign(batch, { status: "COMPLETED" }));
  }

  #replace(batch: HostedBatch, body: unknown): void {
    const { name, agent_id, from_number, tasks, status, timezone } = draftBody.parse(body);
    const fields = { name, agent_id, from_number, tasks, status, timezone, total_task_count: tasks.length };
    Object.assign(batch, fields, this.distortion);
  }

  #create(body: unknown): object | null {
    const fault = this.createFaults.shift();
    if (fault === "lost_request") return null;
    const batch = this.make(body);
    return fault === "lost_answer" ? null : this.#show(batch);
  }

  /** What a request is refused with, by the words of the pages. */
  #refusalOf(method: string, path: string, body: unknown): string | undefined {
    const [, , id = "", step] = path.split("/");
    const batch = this.batches.get(id);
    const isUnderWay = batch !== undefined && !/^(draft|completed)$/i.test(batch.status);
    if (method === "DELETE" && isUnderWay) return `Cannot delete batch call with status ${batch.status}`;
    if (step === "execute" && batch && !/^(draft|scheduled)$/i.test(batch.status))
      return `Cannot execute batch call with status ${batch.status}`;
    if (path !== "/batch-call" || method !== "POST") return undefined;
    const { agent_id, from_number } = draftBody.parse(body);
    if (!this.agents.includes(agent_id)) return `Agent with ID '${agent_id}' does not exist in organization 'org_1'`;
    return this.numbers.includes(from_number) ? undefined : `Phone number ${from_number} does not exist`;
  }

  #newestFirst(): readonly HostedBatch[] {
    return [...this.batches.values()]
      .filter(({ batch_call_id: id }) => !this.hides(id) && !this.isUnlisted(id))
      .reverse();
  }

  #tasksOf(batch: HostedBatch): object[] {
    if (this.phones) return this.phones.tasksOf(batch);
    return batch.tasks.map(({ to_number }, n) => ({
      task_id: `task_${n}`,
      to_number,
      status: this.taskStatus,
      ...this.taskFields.get(to_number),
    }));
  }

  #call(id: string): object | undefined {
    const call = this.calls.get(id);
    return call && enveloped(call);
  }

  #show({ tasks: _, ...batch }: HostedBatch): Record<string, unknown> {
    return Object.fromEntries(Object.entries(batch).filter(([name]) => !this.hidden.includes(name)));
  }
}

/** True for a request that could make a phone ring. */
function startsSomething({ path, body }: StartEffect): boolean {
  return path.endsWith("/execute") || /"send_now":true|"status":"(scheduled|sent)"/.test(JSON.stringify(body ?? null));
}

function toAgent(agent_id: string): object {
  return { agent_id, agent_name: "Reminder" };
}

const notFound = { message: "Not found", status: "error", error: "It does not exist" };

function enveloped(data: unknown): object {
  return { message: "ok", status: "success", error: null, data };
}

function listed<T extends object>(
  name: string,
  rows: readonly T[],
  { page, limit }: Page,
  show: (row: T) => object = (row) => row,
): object {
  const shown = rows.slice(page * limit, (page + 1) * limit).map(show);
  return enveloped({ [name]: shown, pagination: { page, limit, total_count: rows.length } });
}
