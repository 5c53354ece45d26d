import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { builtProgram, createHome, type Home, type RunningProgram, run } from "../support/process/spawn.ts";
import { waitUntil } from "../support/wait-until.ts";

// Frames and bodies as they were seen from hosts, sent raw to the built program.

let home: Home;
let program: RunningProgram | undefined;
beforeEach(async () => {
  home = await createHome();
});
afterEach(async () => {
  await program?.stop("SIGKILL");
  program = undefined;
  await home.remove();
});

const answer = z.looseObject({
  id: z.union([z.number(), z.string(), z.null()]),
  error: z.object({ code: z.number(), message: z.string() }).optional(),
  result: z
    .looseObject({ isError: z.boolean().optional(), structuredContent: z.looseObject({}).optional() })
    .optional(),
});
type Answer = z.output<typeof answer>;

const inThreeWeeks = new Date(Date.now() + 21 * 24 * 60 * 60_000).toISOString().slice(0, 10);
const task = { to_number: "+12025550101", dynamic_variables: { first_name: "Ann" } };
const right = {
  name: "t",
  agent_id: "agent_7ff47846-c8a0-4304-ae13-88cfc31c1a03",
  from_number: "+14155550100",
  tasks: [task],
};

const accepted: readonly [string, object][] = [
  ["lists as text", { tasks: JSON.stringify([task]) }],
  [
    "numbers as variables",
    { tasks: [{ ...task, dynamic_variables: { order_id: 5001201, vip: true, company: null } }] },
  ],
  [
    "null for what is left out",
    {
      tasks_file: null,
      default_country: null,
      start: null,
      start_at: null,
      timezone: null,
      retry_config: null,
      retry_rules: null,
      quiet_hours: null,
    },
  ],
  ["what n8n adds", { toolCallId: "call_x1", sessionId: "s1", action: "sendMessage", chatInput: "hi" }],
  ["what Cline adds", { task_progress: "- [ ] call" }],
  ["a space for the T", { start: "at_time", start_at: `${inThreeWeeks} 09:00`, timezone: "America/New_York" }],
  ["an offset without a colon", { start: "at_time", start_at: `${inThreeWeeks}T09:00:00+0530` }],
  ["an hour of one digit", { quiet_hours: { enabled: true, start_time: "22:00", end_time: "8:00" } }],
];

const call = (id: number, name: string, args: unknown) => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name, arguments: args },
});
const hello = (id: number, clientInfo: object = { clientInfo: { name: "raw", version: "1" } }) => ({
  jsonrpc: "2.0",
  id,
  method: "initialize",
  params: { protocolVersion: "2025-06-18", capabilities: {}, ...clientInfo },
});

const unreadable: readonly [unknown, Answer["id"]][] = [
  ["{bad json", null],
  [{ jsonrpc: "2.0", id: 5, method: "tools/list", params: null }, 5],
  [{ jsonrpc: "2.0", id: 6, method: "tools/call", params: { name: "list_agents", arguments: {}, _meta: null } }, 6],
  [{ jsonrpc: "2.0", id: 1.5, method: "ping" }, 1.5],
  [{ jsonrpc: "2.0", id: null, method: "ping" }, null],
  [{ id: 7, method: "ping" }, 7],
];

function expectPreview({ result }: Answer): void {
  expect(result?.isError).toBeUndefined();
  expect(result?.structuredContent).toMatchObject({ rows: { input: 1, accepted: 1 } });
}

describe("on stdio", () => {
  it("each is answered, and what has one meaning is taken", async () => {
    program = run(await builtProgram(home, []));
    const send = (frame: unknown): void =>
      void program?.process.stdin?.write(`${typeof frame === "string" ? frame : JSON.stringify(frame)}\n`);
    send(hello(1, {}));
    send(hello(2));
    for (const [frame] of unreadable) send(frame);
    accepted.forEach(
      ([, changes], index) => void send(call(100 + index, "preview_batch_call", { ...right, ...changes })),
    );
    send(call(200, "list_agents", null));
    const expected = 2 + unreadable.length + accepted.length + 1;
    // A client that set no level hears of lists that are read, between the answers.
    const lines = () =>
      (program?.stdout() ?? "")
        .split("\n")
        .slice(0, -1)
        .filter((line) => !line.includes('"method":'));
    await waitUntil("everything is answered", () => lines().length >= expected);
    const answers = lines().map((line) => answer.parse(JSON.parse(line)));
    const answerTo = (id: Answer["id"]): Answer | undefined => answers.find((given) => given.id === id);

    expect(answers).toHaveLength(expected);
    expect(answerTo(1)?.error?.code).toBe(-32602);
    const errors = answers.slice(1).filter(({ error }) => error);
    expect(errors.map(({ id }) => id)).toEqual(unreadable.map(([, id]) => id));
    for (const { error } of errors) expect([-32700, -32600]).toContain(error?.code);
    accepted.forEach((_, index) => void expectPreview(answer.parse(answerTo(100 + index))));
    expect(answerTo(200)?.result?.structuredContent).toHaveProperty("agents");
  });

  it("a placeholder that the host did not fill in counts as not set, or is named", async () => {
    const blank = ["$", "{user_config.default_country}"].join("");
    program = run(await builtProgram(home, [], { BATCH_CALL_DEFAULT_COUNTRY: blank }));
    program.process.stdin?.write(`${JSON.stringify(hello(1))}\n`);
    await program.answered(/"id":1/);
    await program.stop("SIGKILL");
    const key = ["$", "{BATCH_CALL_API_KEY}"].join("");
    const account = { BATCH_CALL_API_URL: "http://127.0.0.1:9", BATCH_CALL_API_KEY: key, BATCH_CALL_API_SECRET: key };
    program = run(await builtProgram(home, [], account));
    expect(await program.exited).toBe(2);
    expect(program.stderr()).toContain(key);
  });
});

describe("over HTTP", () => {
  it("each is answered whatever Accept says, and a page of this machine can read it", async () => {
    program = run(await builtProgram(home, ["http"], { BATCH_CALL_HTTP_PORT: "0" }));
    const [url] = await program.answered(/http:\/\/127\.0\.0\.1:\d+\/mcp/);
    const origin = { Origin: "http://localhost:6274" };
    const post = (body: unknown, accept: string): Promise<Response> =>
      fetch(url, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: accept, ...origin },
        body: typeof body === "string" ? body : JSON.stringify(body),
      });
    const asked = await fetch(url, {
      method: "OPTIONS",
      headers: {
        ...origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,mcp-protocol-version",
      },
    });
    expect(asked.headers.get("access-control-allow-origin")).toBe(origin.Origin);

    for (const [frame, id] of [...unreadable, [hello(9, {}), 9] as const]) {
      const response = await post(frame, "application/json");
      expect(response.status).toBe(400);
      expect(answer.parse(await response.json())).toMatchObject({ id, error: {} });
    }
    for (const [, changes] of accepted) {
      const response = await post(call(1, "preview_batch_call", { ...right, ...changes }), "*/*");
      expect(response.headers.get("access-control-allow-origin")).toBe(origin.Origin);
      expectPreview(answer.parse(await response.json()));
    }
    for (const accept of ["text/event-stream", "application/json", "*/*"]) {
      const text = await (await post(call(1, "list_agents", null), accept)).text();
      expect(text).toContain('"agents"');
      expect(text.startsWith("{")).toBe(accept !== "text/event-stream");
    }
  });
});
