import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { HostedApi } from "../../support/http/hosted-api.ts";
import { builtProgram, createHome, type Home, type RunningProgram, run } from "../../support/process/spawn.ts";
import { type Host, hosts } from "./hosts.ts";
import { httpWire, type Id, type OnAsked, stdioWire, type Wire } from "./wires.ts";

// Each host leads a batch from its first frame to its last, against an account where phones are real. Everything has to
// be right at the first try: none of them repeats a call by itself.

let hosted: HostedApi;

const settings = () => ({
  BATCH_CALL_API_URL: hosted.url,
  BATCH_CALL_API_KEY: "sk_hosts",
  BATCH_CALL_API_SECRET: "s3cr3t_hosts",
  BATCH_CALL_CALLING_HOURS: "00:00-24:00",
});

/** The person at a host that has forms agrees to what they are shown. */
const agree: OnAsked = ({ method }) => {
  expect(method).toBe("elicitation/create");
  return { action: "accept", content: { recipients: 1, agree: true } };
};

const hasForms = ({ initialize }: Host): boolean => "elicitation" in initialize.capabilities;

const plan = {
  agent_id: "agent_1",
  from_number: "+14155550100",
  tasks: [{ to_number: "+12025550101", dynamic_variables: { first_name: "Ann" } }],
  start: "draft",
};
const optional = ["tasks_file", "default_country", "timezone", "retry_config", "retry_rules", "quiet_hours"];

/** Arguments as the host sends what its model wrote. */
function argumentsOf(host: Host, meant: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> | null {
  if (Object.keys(meant).length === 0 && host.noArguments === null) return null;
  const written = Object.entries(meant).map(([name, value]) => {
    const isText = host.nested === "text" && typeof value === "object";
    return [name, isText ? JSON.stringify(value) : value] as const;
  });
  const leftOut =
    host.leftOut !== undefined && "tasks" in meant ? optional.map((name) => [name, host.leftOut] as const) : [];
  return { ...Object.fromEntries([...leftOut, ...written]), ...host.addedArguments };
}

/** The host's way over a connection. */
async function drive(
  host: Host,
  wire: Wire,
  expectsForm: boolean,
  page = /needs_approval: .*batch-call-mcp.cjs approve/,
): Promise<void> {
  let next = typeof host.firstId === "number" ? host.firstId : 0;
  const request = (method: string, params?: object, id: Id = next++): { readonly id: Id } => ({
    ...{ jsonrpc: "2.0", id, method },
    ...(params && { params }),
  });
  const isStateless = host.discovers === "and stays";
  const ask = async (method: string, params?: object): Promise<Readonly<Record<string, unknown>>> => {
    const answer = await wire.request(request(method, isStateless ? enveloped(host, params) : params));
    expect({ method, error: answer.error }).toEqual({ method, error: undefined });
    return answer.result ?? {};
  };
  const toCall = (name: string, meant: Readonly<Record<string, unknown>> = {}) => ({
    name,
    arguments: argumentsOf(host, meant),
    ...(host.callMeta && { _meta: host.callMeta }),
  });
  const call = async (name: string, meant?: Readonly<Record<string, unknown>>) => {
    const first = await ask("tools/call", toCall(name, meant));
    const result = first["resultType"] === "input_required" ? await fillIn(first, name, meant) : first;
    return { text: JSON.stringify(result["content"]), isError: result["isError"] ?? false, ...dataOf(result) };
  };

  const fillIn = (form: Readonly<Record<string, unknown>>, name: string, meant?: Readonly<Record<string, unknown>>) => {
    expect(form["inputRequests"]).toMatchObject({ launch: { method: "elicitation/create" } });
    const inputResponses = { launch: agree({ method: "elicitation/create" }) };
    return ask("tools/call", { ...toCall(name, meant), inputResponses, requestState: form["requestState"] });
  };

  const shakeHands = async (): Promise<void> => {
    const opened = await wire.request(
      request("initialize", host.initialize, typeof host.firstId === "string" ? host.firstId : next++),
    );
    expect(opened.result).toMatchObject({
      protocolVersion: host.initialize.protocolVersion,
      serverInfo: { name: "batch-call-mcp" },
    });
    await wire.notify({ jsonrpc: "2.0", method: "notifications/initialized" });
  };

  // connect
  if (host.discovers) {
    const found = await wire.request(request("server/discover", enveloped(host)));
    expect(found.result).toMatchObject({ supportedVersions: ["2026-07-28"] });
  }
  if (!isStateless) await shakeHands();
  // list
  for (const method of host.asks) {
    const answer = await ask(method);
    if (method === "tools/list") expect(answer["tools"]).toEqual(expect.arrayContaining([namedTool]));
  }
  // a read, a preview, a create
  const list = { name: `Reminders of ${host.name}`, ...plan };
  expect(await call("list_agents")).toMatchObject({ isError: false, agents: [{ agent_id: "agent_1" }] });
  expect(await call("preview_batch_call", list)).toMatchObject({ isError: false, rows: { input: 1, accepted: 1 } });
  const created = await call("create_batch_call", list);
  expect(created).toMatchObject({ isError: false, batch: { status: "draft" } });
  const { batch_id } = batchOf(created);
  // a start: in the host's own form where it has one that reaches a person, else on the page
  const started = await call("start_batch", { batch_id, start: "now" });
  if (expectsForm) {
    expect(started).toMatchObject({ isError: false, batch: { batch_id } });
    expect(hosted.dangerous).toHaveLength(1);
  } else {
    expect(started).toMatchObject({
      isError: false,
      text: expect.stringMatching(page),
      needs_approval: expect.stringContaining("a person has to agree first"),
      batch: { batch_id, status: "draft" },
    });
    expect(hosted.dangerous).toEqual([]);
  }
  // a call that is given up, after which the connection goes on
  const waiting = toCall("get_batch_status", { batch_id, wait_seconds: 30 });
  await wire.giveUp(request("tools/call", isStateless ? enveloped(host, waiting) : waiting));
  await ask(isStateless ? "tools/list" : "ping");
  expect(await call("get_batch_status", { batch_id })).toMatchObject({ isError: false, batch: { batch_id } });
  // a cancel of the batch, unless its call is on its way
  if (!expectsForm)
    expect(await call("cancel_batch", { batch_id })).toMatchObject({ isError: false, batch: { status: "cancelled" } });
  // disconnect
  await wire.disconnect();
}

const namedTool = expect.objectContaining({ name: "create_batch_call" });

function dataOf(result: Readonly<Record<string, unknown>>): object {
  const data = result["structuredContent"];
  return typeof data === "object" && data !== null ? data : {};
}

function batchOf(created: object): { readonly batch_id: string } {
  if ("batch" in created && typeof created.batch === "object" && created.batch && "batch_id" in created.batch)
    return { batch_id: String(created.batch.batch_id) };
  throw new Error(`No batch was made: ${JSON.stringify(created)}`);
}

/** The parameters of a request of 2026-07-28, which says each time who sends it. */
function enveloped(
  { initialize: { capabilities, clientInfo } }: Host,
  params: { readonly _meta?: object } = {},
): object {
  const envelope = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": capabilities,
    "io.modelcontextprotocol/clientInfo": clientInfo,
  };
  return { ...params, _meta: { ...params._meta, ...envelope } };
}

const over = (transport: "stdio" | "http") => hosts.filter(({ transports }) => transports.includes(transport));

describe("on stdio", () => {
  let home: Home;
  let program: RunningProgram | undefined;
  beforeEach(async () => {
    hosted = await HostedApi.start();
    home = await createHome();
  });
  afterEach(async () => {
    await program?.stop("SIGKILL");
    await home.remove();
    await hosted.stop();
  });

  it.each(over("stdio"))("$name leads a batch from connect to disconnect", async (host) => {
    program = run(await builtProgram(home, [], settings()));
    await drive(host, stdioWire(program, agree), hasForms(host));
  });
});

const token = "a-token-of-at-least-16-characters";

/** As its user sets it up. */
function withToken(host: Host): Host {
  return { ...host, headers: { ...host.headers, Authorization: `Bearer ${token}` } };
}

describe("over HTTP, all at one server", () => {
  const http = { BATCH_CALL_HTTP_PORT: "0", BATCH_CALL_HTTP_TOKEN: token };
  let home: Home;
  let program: RunningProgram;
  let url: string;
  beforeAll(async () => {
    hosted = await HostedApi.start();
    home = await createHome();
    program = run(await builtProgram(home, ["http"], { ...settings(), ...http }));
    [url] = await program.answered(/http:\/\/127\.0\.0\.1:\d+\/mcp/);
  });
  afterAll(async () => {
    await program.stop("SIGKILL");
    await home.remove();
    await hosted.stop();
  });

  it.each(over("http"))("$name leads a batch from connect to disconnect", (host) =>
    drive(host, httpWire(url, withToken(host)), false, /needs_approval: .*\/approve of this server/),
  );
});

it("ten hosts are in the table, each with its sources", () => {
  expect(new Set(hosts.map(({ name }) => name)).size).toBe(hosts.length);
  expect(hosts.length).toBeGreaterThanOrEqual(10);
  for (const { sources } of hosts) expect(sources.length).toBeGreaterThan(0);
});
