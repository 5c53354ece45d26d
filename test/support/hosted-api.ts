import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { z } from "zod";

const draftBody = z.looseObject({
  name: z.string(),
  agent_id: z.string(),
  from_number: z.string(),
  tasks: z.array(z.looseObject({ to_number: z.string() })),
  status: z.string(),
  send_now: z.boolean(),
  timezone: z.string(),
  trigger_timestamp: z.number().optional(),
});

type HostedBatch = {
  readonly batch_call_id: string;
  name: string;
  status: string;
  readonly tasks: readonly { readonly to_number: string }[];
};
type Page = { readonly page: number; readonly limit: number };
type Seen = { readonly method: string; readonly path: string; readonly body: unknown };

/** What becomes of the next create: `lost_answer`: made, then the connection breaks; `lost_request`: never made. */
export type CreateFault = "lost_answer" | "lost_request";

/**
 * Stands in for the hosted API: the documented routes that drafts need, no extension, no Idempotency-Key, no
 * X-Environment. Everything that reached it is kept, for tests to see what did not.
 */
export class HostedApi {
  readonly seen: Seen[] = [];
  readonly batches = new Map<string, HostedBatch>();
  /** Faults of the next creates. */
  createFaults: CreateFault[] = [];
  /** Fields that it puts into what it makes, whatever it was told. */
  distortion: Record<string, unknown> = {};
  /** Fields that it leaves out of its answers. */
  hidden: string[] = [];
  taskStatus = "PENDING";
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

  /** Makes the batch of a create that reached it, as `POST /batch-call` does. */
  make(body: unknown): HostedBatch {
    const { name, agent_id, from_number, tasks, status, timezone, trigger_timestamp } = draftBody.parse(body);
    const batch_call_id = `batch_call_${String(this.batches.size + 1).padStart(32, "0")}`;
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
    const batch = { ...made, created_timestamp: 1_770_000_000_000 + this.batches.size, tasks, ...this.distortion };
    this.batches.set(batch_call_id, batch);
    return batch;
  }

  /** Requests that could have made a phone ring. */
  get dangerous(): readonly Seen[] {
    return this.seen.filter(
      ({ path, body }) =>
        path.endsWith("/execute") || /"send_now":true|"status":"(scheduled|sent)"/.test(JSON.stringify(body ?? null)),
    );
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname: path, searchParams } = new URL(request.url ?? "/", "http://host");
    const method = request.method ?? "";
    const body: unknown = Number(request.headers["content-length"] ?? 0) > 0 ? await json(request) : undefined;
    this.seen.push({ method, path, body });
    const page = { page: Number(searchParams.get("page") ?? 0), limit: Number(searchParams.get("limit") ?? 100) };
    const answer = this.#answer(method, path, body, page);
    if (answer) response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
    else if (answer === undefined)
      response.writeHead(404, { "content-type": "application/json" }).end(JSON.stringify(notFound));
    else response.socket?.resetAndDestroy();
  }

  /** The body of a 200; undefined for a 404, null to break the connection. */
  #answer(method: string, path: string, body: unknown, page: Page): object | undefined | null {
    if (path === "/batch-call") return this.#create(body);
    if (path === "/batch-call/list")
      return listed(
        "batch_calls",
        [...this.batches.values()].map((row) => this.#show(row)),
        page,
      );
    if (path === "/api/agents/agent_1/full") return enveloped({ agent_id: "agent_1", agent_name: "Reminder" });
    if (path === "/api/phone-numbers") return listed("phone_numbers", [{ phone_number: "+14155550100" }], page);
    const [, , id = "", step] = path.split("/");
    const batch = this.batches.get(id);
    if (!batch) return undefined;
    if (method === "GET" && step === "tasks") return listed("tasks", this.#tasksOf(batch), page);
    if (step !== undefined) return undefined;
    if (method === "DELETE") this.batches.delete(id);
    if (method === "PATCH") Object.assign(batch, body);
    return enveloped(this.#show(batch));
  }

  #create(body: unknown): object | null {
    const fault = this.createFaults.shift();
    if (fault === "lost_request") return null;
    const batch = this.make(body);
    return fault === "lost_answer" ? null : this.#show(batch);
  }

  #tasksOf({ tasks }: HostedBatch): object[] {
    return tasks.map(({ to_number }, n) => ({ task_id: `task_${n}`, to_number, status: this.taskStatus }));
  }

  #show({ tasks: _, ...batch }: HostedBatch): Record<string, unknown> {
    return Object.fromEntries(Object.entries(batch).filter(([name]) => !this.hidden.includes(name)));
  }
}

const notFound = { message: "Not found", status: "error", error: "It does not exist" };

function enveloped(data: unknown): object {
  return { message: "ok", status: "success", error: null, data };
}

function listed(name: string, rows: readonly unknown[], { page, limit }: Page): object {
  const shown = rows.slice(page * limit, (page + 1) * limit);
  return enveloped({ [name]: shown, pagination: { page, limit, total_count: rows.length } });
}
