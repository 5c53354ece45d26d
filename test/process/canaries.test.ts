import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HostedApi } from "../support/http/hosted-api.ts";
import { connectHttp, connectPipe, type TestClient } from "../support/mcp-clients.ts";
import { Leavings } from "../support/process/canaries.ts";
import { builtProgram, createHome, type Home, type RunningProgram, run } from "../support/process/spawn.ts";
import { usNumber } from "../support/us-numbers.ts";

const account = {
  BATCH_CALL_API_KEY: "sk_canary_5b1f0c9a7de24f7e",
  BATCH_CALL_API_SECRET: "secret_canary_93c2aa61e0b84d15",
};
const token = "token_canary_d41c07f26b9e4a33";
const carrierSecret = "carrier_canary_7f3e9a1c5b2d8f60aa";
const databasePassword = "password_canary_0e6d";

let home: Home;
let hosted: HostedApi;
let leavings: Leavings;
beforeEach(async () => {
  home = await createHome();
  hosted = await HostedApi.start();
  leavings = new Leavings();
});
afterEach(async () => {
  await hosted.stop();
  await home.remove();
});

const live = (changes: Record<string, string> = {}) => ({
  BATCH_CALL_API_URL: hosted.url,
  ...account,
  BATCH_CALL_LOG_LEVEL: "debug",
  BATCH_CALL_CALLING_HOURS: "00:00-24:00",
  BATCH_CALL_DEFAULT_COUNTRY: "US",
  ...changes,
});

async function start(args: readonly string[], settings: Record<string, string>): Promise<RunningProgram> {
  return run(await builtProgram(home, args, settings));
}

/** What it said in all, kept for the search. */
function keep(name: string, program: RunningProgram): void {
  leavings.add(`${name}'s stdout`, program.stdout());
  leavings.add(`${name}'s stderr`, program.stderr());
}

async function runToTheEnd(name: string, args: readonly string[], settings: Record<string, string>): Promise<void> {
  const program = await start(args, settings);
  await program.exited;
  keep(name, program);
}

async function connect({ process }: RunningProgram): Promise<TestClient> {
  if (!process.stdin || !process.stdout) throw new Error("The program has no pipes");
  return connectPipe("sdk v2, 2025 era", { input: process.stdin, output: process.stdout.pipe(new PassThrough()) });
}

const list = (changes: object = {}) => ({
  name: "Canary list",
  agent_id: "agent_1",
  from_number: "+14155550100",
  tasks: [{ to_number: usNumber(1) }, { to_number: usNumber(2) }],
  ...changes,
});

/** A browser that follows the file that it is sent to, and writes down where that leads. */
async function fakeBrowser(): Promise<{ readonly command: string; address(): Promise<string> }> {
  const command = join(home.path, "browser.sh");
  const written = join(home.path, "address.txt");
  await writeFile(command, `#!/bin/sh\nprintf %s "$1" > ${written}\n`);
  await chmod(command, 0o755);
  const address = async (): Promise<string> => {
    const page = await readFile(new URL(await readFile(written, "utf8")), "utf8");
    return /url=([^"]+)/.exec(page)?.[1] ?? "";
  };
  return { command, address };
}

/** Types the number of recipients on the one-time page. */
async function agree(address: string, typed: number): Promise<string> {
  const { origin, hash } = new URL(address);
  const response = await fetch(`${origin}/answer`, {
    method: "POST",
    headers: { Origin: origin, "X-Approval-Secret": hash.slice(1) },
    body: new URLSearchParams({ answer: "call", typed: String(typed) }),
  });
  return response.text();
}

describe("keys and secrets stand in no log, answer or file", () => {
  it("of a live server over stdio that meets faults, is killed while it starts a batch, and comes up again", async () => {
    const browser = await fakeBrowser();
    const settings = live({ BROWSER: browser.command });
    hosted.createFaults = ["lost_answer"];
    hosted.startFaults = ["silent_before"];
    const first = await start([], settings);
    const client = await connect(first);
    await client.callTool("create_batch_call", list());
    const asked = await client.callTool("create_batch_call", list({ start: "now" }));
    expect(asked.text).toContain("page was opened");
    const address = await browser.address();
    const executed = hosted.reached(({ path }) => path.endsWith("/execute"));
    const answered = agree(address, 2);
    await executed;
    await first.stop("SIGKILL");
    await answered.catch(() => "the process was killed");
    keep("the killed server", first);
    await leavings.addFolder(home.dataDir);

    const second = await start([], settings);
    const again = await connect(second);
    const id = [...hosted.batches.keys()].at(-1) ?? "";
    await again.callTool("get_batch_status", { batch_id: id });
    await again.callTool("start_batch", { batch_id: id, start: "now" });
    await again.callTool("get_batch_results", { batch_id: id, show_numbers: true });
    const exported = await again.callTool("export_batch_results", { batch_id: id });
    expect(exported.isError, exported.text).toBe(false);
    await second.stop();
    keep("the second server", second);

    for (const args of [["audit"], ["audit", "--json"], ["doctor"], ["stop-all"], ["stop-all", "--release"]])
      await runToTheEnd(args.join(" "), args, settings);
    await leavings.addFolder(home.dataDir);
    await leavings.addFolder(home.filesDir);
    expect(leavings.find({ ...account, "the page's secret": new URL(address).hash.slice(1) })).toEqual([]);

    // The search does find what is there: the batch's name in the open database and its log, and in the answers.
    const found = leavings.find({ name: "Canary list" }).join("\n");
    for (const place of ["ledger.sqlite", "ledger.sqlite-wal", "stdout"]) expect(found).toContain(place);
    expect(leavings.files.some((file) => file.endsWith("-results.csv"))).toBe(true);
  });

  it("when the API repeats the keys in its answers", async () => {
    const echo = createServer(({ headers, rawHeaders }, response) => {
      const error = `Bad credentials ${headers["x-api-key"]} and ${rawHeaders.join(" ")}`;
      response.writeHead(400, { "content-type": "application/json" }).end(JSON.stringify({ status: "error", error }));
    });
    await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
    // Safe: it listens on TCP.
    const { port } = echo.address() as AddressInfo;
    const server = await start([], live({ BATCH_CALL_API_URL: `http://127.0.0.1:${port}` }));
    const client = await connect(server);
    const { text } = await client.callTool("list_batches");
    expect(text).toContain("Bad credentials");
    await client.callTool("create_batch_call", list());
    await server.stop();
    echo.close();
    keep("the server", server);
    await leavings.addFolder(home.dataDir);
    expect(leavings.find(account)).toEqual([]);
  });

  it("of a server over HTTP with its token and the cookie of its page", async () => {
    const server = await start(["http"], live({ BATCH_CALL_HTTP_PORT: "0", BATCH_CALL_HTTP_TOKEN: token }));
    const [, origin = ""] = await server.answered(/MCP at (http:\/\/[^/]+)\/mcp/);
    const client = await connectHttp("sdk v2, 2025 era", `${origin}/mcp`, token);
    const answer = await client.callTool("create_batch_call", list({ start: "now" }));
    expect(answer.text).toContain("/approve");
    leavings.add("the answer", JSON.stringify(answer));
    await client.callTool("get_batch_status", { batch_id: "batch_call_0" });
    await client.close();
    const logIn = (given: string) =>
      fetch(`${origin}/approve/login`, {
        method: "POST",
        headers: { Origin: origin },
        body: new URLSearchParams({ token: given }),
      });
    const loggedIn = await logIn(token);
    const cookie = /=([^;]+)/.exec(loggedIn.headers.get("set-cookie") ?? "")?.[1] ?? "";
    expect(cookie.length).toBeGreaterThan(20);
    leavings.add("the page", await loggedIn.text());
    await (await logIn(`${token}x`)).text();
    await server.stop();
    keep("the server", server);
    await leavings.addFolder(home.dataDir);
    expect(leavings.find({ ...account, token, cookie })).toEqual([]);
  });

  it("of a service that calls through a bridge it cannot reach", async () => {
    await mkdir(home.dataDir, { recursive: true });
    const settings = {
      BATCH_CALL_SERVICE_PORT: "0",
      BATCH_CALL_LOG_LEVEL: "debug",
      BATCH_CALL_CARRIER: "http",
      BATCH_CALL_CALLING_HOURS: "00:00-24:00",
      BATCH_CALL_CARRIER_URL: "http://127.0.0.1:1",
      BATCH_CALL_CARRIER_SECRET: carrierSecret,
    };
    const agents = [{ agent_id: "agent_1", agent_name: "Reminder" }];
    const own = { agents, phone_numbers: [{ phone_number: "+14155550100" }] };
    await writeFile(join(home.dataDir, "account.json"), JSON.stringify(own));
    const service = await start(["service"], settings);
    const [, url = ""] = await service.answered(/service on (http:\S+)/);
    const keys = await ownKeys();
    const create = await fetch(new URL("/batch-call", url), {
      method: "POST",
      headers: { "X-API-KEY": keys.api_key, "X-API-SECRET": keys.api_secret },
      body: JSON.stringify({ ...list(), timezone: "America/New_York", send_now: true }),
    });
    leavings.add("the create's answer", await create.text());
    expect(create.status).toBe(200);
    await service.logged(/127\.0\.0\.1:1|ECONNREFUSED|bridge/);
    await service.stop("SIGKILL");
    keep("the service", service);
    await leavings.addFolder(home.dataDir, ["credentials.json"]);
    expect(leavings.find({ carrierSecret, ...keys })).toEqual([]);
  });

  it("of a service whose database cannot be reached", async () => {
    const settings = { BATCH_CALL_DATABASE_URL: `postgres://calls:${databasePassword}@127.0.0.1:1/calls` };
    for (const command of ["service", "worker", "doctor"]) {
      const program = await start([command], {
        ...settings,
        BATCH_CALL_LOG_LEVEL: "debug",
        BATCH_CALL_SERVICE_PORT: "0",
      });
      // Where the runtime can talk to PostgreSQL, the first two wait for it and would never end.
      await Promise.race([program.exited, program.logged(/does not answer; waiting/).catch(() => "it ended")]);
      await program.stop();
      keep(command, program);
    }
    await mkdir(home.dataDir, { recursive: true });
    await leavings.addFolder(home.dataDir);
    expect(leavings.find({ databasePassword })).toEqual([]);
  });

  it("of settings that are wrong", async () => {
    const wrong = { BATCH_CALL_HTTP_TOKEN: "short_canary", BATCH_CALL_CARRIER_SECRET: "short_canary_too" };
    await runToTheEnd("the server", ["http"], live({ ...wrong, BATCH_CALL_API_URL: "ftp://x" }));
    expect(leavings.find({ ...account, ...wrong })).toEqual([]);
  });
});

/** The keys that the service made for itself. */
async function ownKeys(): Promise<{ readonly api_key: string; readonly api_secret: string }> {
  const [{ api_key, api_secret }] = JSON.parse(await readFile(join(home.dataDir, "credentials.json"), "utf8"));
  return { api_key, api_secret };
}
