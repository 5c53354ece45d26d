import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export const stubAgentId = "agent_00000000-0000-4000-8000-000000000001";
export const stubCallerId = "+17185550110";

type Json = Record<string, unknown>;
type Sent = Json & { readonly tasks: readonly Json[] };

/** A stand-in for the hosted API that answers at once: what is measured is our work and not its. */
export async function startStubApi(): Promise<{ readonly url: string; close(): void; creates(): number }> {
  let creates = 0;
  const batches = new Map<string, Json>();
  const people = new Map<string, readonly Json[]>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const answer = (data: unknown): void => {
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(data));
      };
      const envelope = (data: unknown): void => answer({ message: "ok", status: "success", error: null, data });
      const path = (request.url ?? "").split("?")[0] ?? "";
      if (request.method === "POST" && path === "/batch-call") {
        const body = JSON.parse(Buffer.concat(chunks).toString("utf8")) as Sent;
        const id = `batch_call_${String(++creates).padStart(32, "0")}`;
        const { tasks, ...rest } = body;
        const batch = {
          ...rest,
          batch_call_id: id,
          status: "draft",
          total_task_count: tasks.length,
          total: tasks.length,
          sent: 0,
          picked_up: 0,
          completed: 0,
          created_timestamp: 1_770_000_000_000,
        };
        batches.set(id, batch);
        people.set(id, tasks);
        return answer(batch);
      }
      if (path.startsWith("/batch-call/") && path.endsWith("/tasks"))
        return envelope(pageOf(people.get(path.split("/")[2] ?? "") ?? [], request.url ?? ""));
      if (path.startsWith("/batch-call/")) return envelope(batches.get(path.split("/")[2] ?? ""));
      if (path === "/api/phone-numbers")
        return envelope({
          phone_numbers: [{ phone_number: stubCallerId }],
          pagination: { page: 0, limit: 100, total_count: 1 },
        });
      if (path.startsWith("/api/agents"))
        return envelope({
          agent_id: stubAgentId,
          agent_name: "Stub",
          agents: [{ agent_id: stubAgentId, agent_name: "Stub" }],
          pagination: { total_count: 1 },
        });
      response
        .writeHead(404, { "content-type": "application/json" })
        .end(JSON.stringify({ message: "Not found", status: "error", error: "no such route" }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => server.close(), creates: () => creates };
}

/** A page of the people of a batch, as the API's page on tasks shows it. */
function pageOf(tasks: readonly Json[], url: string): Json {
  const query = new URL(url, "http://stub").searchParams;
  const [page, limit] = [Number(query.get("page") ?? 0), Number(query.get("limit") ?? 50)];
  const first = page * limit;
  const rows = tasks.slice(first, first + limit).map(({ to_number }, index) => ({
    task_id: `task_${first + index}`,
    to_number,
    status: "pending",
    call_id: null,
    error_message: null,
    created_at: "2026-02-02T02:40:00.000Z",
  }));
  const total_pages = Math.ceil(tasks.length / limit);
  const has_next_page = page + 1 < total_pages;
  return { tasks: rows, pagination: { page, limit, total_count: tasks.length, total_pages, has_next_page } };
}
