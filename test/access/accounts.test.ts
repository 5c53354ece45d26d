import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { createKillSwitch, openCampaignDatabase } from "../../src/campaigns/records/index.ts";
import { runAudit } from "../../src/commands/audit.ts";
import { releaseAll, stopAll } from "../../src/commands/stop-all.ts";
import { setCommandText } from "../../src/lib/command-text.ts";
import { send } from "../approval-page/page-world.ts";
import { enveloped, headersFor, readAnswer, request, statelessRevision } from "../mcp/wire.ts";
import { keysOf, startLiveService } from "../support/http/live-service.ts";
import { type RunningHttp, startRunningHttp } from "../support/http/running-http.ts";
import { account, batchIdOf, bearer, callTool, people, post } from "./http-calls.ts";

let service: Awaited<ReturnType<typeof startLiveService>>;
let server: RunningHttp | undefined;
const lines: string[] = [];
beforeEach(async () => {
  lines.length = 0;
  service = await startLiveService(["own", "acme", "other"]);
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
  await service.stop();
});

async function startServer(env: Record<string, string> = {}, kept?: string): Promise<RunningHttp> {
  const { apiKey, apiSecret } = keysOf("own");
  const note = (fields: object, message: string) => void lines.push(message + JSON.stringify(fields));
  server = await startRunningHttp(
    {
      BATCH_CALL_API_URL: service.url,
      BATCH_CALL_API_KEY: apiKey,
      BATCH_CALL_API_SECRET: apiSecret,
      BATCH_CALL_CALLING_HOURS: "00:00-24:00",
      BATCH_CALL_LOG_LEVEL: "debug",
      ...env,
    },
    { debug: note, info: note, warn: note, error: note },
    kept,
  );
  return server;
}

const withKeys = (organization: string): Record<string, string> => {
  const { apiKey, apiSecret } = keysOf(organization);
  return { "X-API-KEY": apiKey, "X-API-SECRET": apiSecret };
};

const create = async (url: string, headers: Record<string, string>, args: object = {}) =>
  callTool(url, "create_batch_call", { name: "June", ...account, ...people, ...args }, headers);

describe("a server that asks nobody for a token, where calls are real", () => {
  it("reads, and says of the rest what to set", async () => {
    const { url } = await startServer();
    expect(await callTool(url, "list_batches", {})).toMatchObject({ isError: false });
    for (const [tool, args] of [
      ["create_batch_call", { name: "June", ...account, ...people }],
      ["preview_batch_call", { name: "June", ...account, ...people }],
      ["update_do_not_call_list", { action: "add", numbers: ["+12015550101"] }],
    ] as const)
      expect(await callTool(url, tool, args)).toMatchObject({
        isError: true,
        text: expect.stringMatching(/^unauthorized: Calls are real here.*token add.*BATCH_CALL_HTTP_TOKEN/),
      });
    expect(service.carrier.dials).toEqual([]);
  });

  it("keeps no file that is sent to it, and takes one once a token comes with it", async () => {
    const { url, addToken, dataDir } = await startServer();
    const send = (headers: Record<string, string> = {}) =>
      fetch(`${url.replace("/mcp", "/uploads")}?name=june.csv`, {
        method: "POST",
        body: "phone\n+12015550101\n",
        headers,
      });
    const refused = await send();
    expect([refused.status, await refused.text()]).toEqual([
      403,
      expect.stringMatching(/Calls are real here.*Nothing was done\..*token add/),
    ]);
    const files = await readdir(dataDir, { recursive: true });
    expect(files.filter((name) => name.endsWith(".list"))).toEqual([]);
    expect((await send(bearer(await addToken("ana")))).status).toBe(201);
  });
});

describe("a caller's own keys", () => {
  it("lead to their account and no other, stand nowhere, and are nobody else's", async () => {
    const { url, addToken, dataDir } = await startServer();
    const ana = bearer(await addToken("ana"));
    const theirs = batchIdOf(await create(url, { ...ana, ...withKeys("acme") }));
    const own = batchIdOf(await create(url, ana));
    const status = (id: string, headers: Record<string, string>) =>
      callTool(url, "get_batch_status", { batch_id: id }, headers);
    expect(await status(theirs, { ...ana, ...withKeys("acme") })).toMatchObject({ isError: false });
    // The same principal without them, or with another account's, is somebody else.
    expect(await status(theirs, ana)).toMatchObject({ text: expect.stringMatching(/^not_found/) });
    expect(await status(theirs, { ...ana, ...withKeys("other") })).toMatchObject({
      text: expect.stringMatching(/^not_found/),
    });
    expect(await status(own, { ...ana, ...withKeys("acme") })).toMatchObject({
      text: expect.stringMatching(/^not_found/),
    });

    const files = await readdir(dataDir, { recursive: true, withFileTypes: true });
    const read = files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name)));
    const all =
      Buffer.concat(await Promise.all(read)).toString("latin1") +
      lines.join("\n") +
      files.map(({ name }) => name).join();
    const { apiKey, apiSecret } = keysOf("acme");
    expect(all).toContain(theirs);
    expect(all).not.toContain(apiKey);
    expect(all).not.toContain(apiSecret);
  });

  it("that the API does not take open nothing, also where half of them is right", async () => {
    const { url, addToken, dataDir } = await startServer();
    const ana = bearer(await addToken("ana"));
    batchIdOf(await create(url, { ...ana, ...withKeys("acme") }));
    const before = await readdir(join(dataDir, "organizations"));
    const wrong = { ...ana, ...withKeys("acme"), "X-API-SECRET": "s3cr3t_guessed" };
    const refused = await post(url, request(1, "tools/list"), wrong);
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain("The API does not take the X-API-KEY and X-API-SECRET");
    expect(await readdir(join(dataDir, "organizations"))).toEqual(before);
    const half = await post(url, request(1, "tools/list"), { ...ana, "X-API-KEY": "sk_acme_key" });
    expect(half.status).toBe(400);
  });

  it("are asked about on the page of their organization, and start what was agreed to there", async () => {
    const { url, addToken } = await startServer({ BATCH_CALL_ORGANIZATIONS_FILE: service.credentials });
    const ana = bearer(await addToken("ana"));
    const id = batchIdOf(await create(url, { ...ana, ...withKeys("acme") }));
    await callTool(url, "start_batch", { batch_id: id, start: "now" }, { ...ana, ...withKeys("acme") });
    const { origin } = new URL(url);
    const page = (path: string, fields: Record<string, string>, cookie = "") =>
      send(`${origin}/approve${path}`, {
        headers: { Origin: origin, ...(cookie && { Cookie: cookie }) },
        body: new URLSearchParams(fields).toString(),
      });
    // The account is of the organization acme too; the question is not, for who asked is of the operator's own.
    const stranger = await page("/login", { token: await addToken("acme-boss", "approve", "acme") });
    expect(stranger.text).not.toContain('name="id"');
    const boss = await page("/login", { token: await addToken("boss", "approve") });
    const cookie = String(boss.headers["set-cookie"]).split(";")[0] ?? "";
    const questionId = /name="id" value="([^"]+)"/.exec(boss.text)?.[1] ?? "";
    expect((await page("/people", { id: questionId }, cookie)).text).toContain("0101");
    const agreed = await page("/answer", { id: questionId, answer: "call", typed: "2" }, cookie);
    await expect.poll(() => service.carrier.dials.length).toBe(2);
    // The page at / shows the operator's own account.
    expect(agreed.text).not.toContain("href=");
    const live = await page("/live", { id: questionId }, cookie);
    expect(live.text).toContain("of 2 people");
    expect((await page("/live", { id: questionId }, String(stranger.headers["set-cookie"]))).text).not.toContain(
      "of 2",
    );
  });

  it("are agreed to for later, and found again and stopped on that page after a reload, by that organization alone", async () => {
    const { url, addToken } = await startServer({ BATCH_CALL_ORGANIZATIONS_FILE: service.credentials });
    const ana = bearer(await addToken("ana"));
    const theirs = { ...ana, ...withKeys("acme") };
    const id = batchIdOf(await create(url, theirs));
    const start = { start: "at_time", start_at: new Date(Date.now() + 36e5).toISOString() };
    await callTool(url, "start_batch", { batch_id: id, ...start }, theirs);
    const { origin } = new URL(url);
    const page = (path: string, fields: Record<string, string>, cookie = "") =>
      send(`${origin}/approve${path}`, {
        headers: { Origin: origin, ...(cookie && { Cookie: cookie }) },
        body: new URLSearchParams(fields).toString(),
      });
    const enter = async (name: string, organization?: string) => {
      const { headers, text } = await page("/login", { token: await addToken(name, "approve", organization) });
      return { cookie: String(headers["set-cookie"]).split(";")[0] ?? "", text };
    };
    const boss = await enter("boss");
    const questionId = /name="id" value="([^"]+)"/.exec(boss.text)?.[1] ?? "";
    await page("/answer", { id: questionId, answer: "call", typed: "2" }, boss.cookie);
    const status = () => callTool(url, "get_batch_status", { batch_id: id }, theirs);
    await expect.poll(async () => (await status()).structured).toMatchObject({ batch: { status: "scheduled" } });
    const listed = await page("/questions", {}, boss.cookie);
    expect(listed.text).toMatch(/Agreed to, and not over.*Scheduled.*action="\/approve\/calls"/s);
    expect(listed.text).toContain(questionId);
    const stranger = await enter("acme-boss", "acme");
    for (const [path, fields] of [
      ["/questions", {}],
      ["/calls", { id: questionId }],
      ["/stop", { id: questionId }],
    ] as const)
      expect((await page(path, fields, stranger.cookie)).text).not.toMatch(/Agreed|Scheduled|June/);
    await page("/stop", { id: questionId }, boss.cookie);
    expect((await status()).structured).toMatchObject({ batch: { is_paused: true } });
  });

  /** Agreed to, and scheduled for in an hour. */
  const schedule = async (url: string, headers: Record<string, string>, boss: string) => {
    const id = batchIdOf(await create(url, headers));
    const start = { start: "at_time", start_at: new Date(Date.now() + 36e5).toISOString() };
    await callTool(url, "start_batch", { batch_id: id, ...start }, headers);
    const { origin } = new URL(url);
    const page = (path: string, fields: Record<string, string>, cookie = "") =>
      send(`${origin}/approve${path}`, {
        headers: { Origin: origin, ...(cookie && { Cookie: cookie }) },
        body: new URLSearchParams(fields).toString(),
      });
    const entered = await page("/login", { token: boss });
    const cookie = String(entered.headers["set-cookie"]).split(";")[0] ?? "";
    const questionId = /name="id" value="([^"]+)"/.exec(entered.text)?.[1] ?? "";
    await page("/answer", { id: questionId, answer: "call", typed: "2" }, cookie);
    const batch = async () => (await callTool(url, "get_batch_status", { batch_id: id }, headers)).structured["batch"];
    await expect.poll(batch).toMatchObject({ status: "scheduled", is_paused: false });
    return { id, batch };
  };
  const stopped = async (
    context: RunningHttp["context"],
    work: (context: RunningHttp["context"]) => Promise<number>,
  ) => {
    const printed: string[] = [];
    const code = await work({ ...context, print: (line) => void printed.push(line) });
    return { code, text: printed.join("\n") };
  };

  const withoutFile = (context: RunningHttp["context"]) => {
    const { organizationsFile: _, ...access } = context.settings.access;
    return { ...context, settings: { ...context.settings, access } };
  };

  it("have what was started with them paused by the server that knows them, once stop-all is on, which says so", async () => {
    const { url, addToken, context } = await startServer();
    const theirs = { ...bearer(await addToken("ana")), ...withKeys("acme") };
    const { batch } = await schedule(url, theirs, await addToken("boss", "approve"));
    const { code, text } = await stopped(context, stopAll);
    expect([code, text]).toEqual([
      0,
      expect.stringMatching(/1 batch\(es\) .*by the server \(http\) that has the keys/),
    ]);
    expect(await batch()).toMatchObject({ is_paused: true });
    expect(text).not.toContain("NOT STOPPED");
    expect((await stopped(context, stopAll)).code).toBe(0);
    expect((await stopped(context, releaseAll)).code).toBe(0);
    expect(await batch()).toMatchObject({ is_paused: true });
  });

  it("of an organization that the operator's file names are stopped by stop-all itself, and released with it", async () => {
    const { url, addToken, context } = await startServer({ BATCH_CALL_ORGANIZATIONS_FILE: service.credentials });
    const theirs = bearer(await addToken("acme-ana", "read,operate", "acme"));
    const { batch } = await schedule(url, theirs, await addToken("acme-boss", "approve", "acme"));
    const { code, text } = await stopped(context, stopAll);
    expect([code, text]).toEqual([0, expect.stringMatching(/organization "acme": 1 batch\(es\) stopped/)]);
    expect(await batch()).toMatchObject({ is_paused: true });
    const withoutFile = { ...context.settings, access: { requestsPerMinute: 100 } };
    const forgotten = await stopped({ ...context, settings: withoutFile }, releaseAll);
    expect(forgotten.code).toBe(1);
    expect(forgotten.text).toMatch(/STILL STOPPED: .*organization "acme".*not asked or not released now/);
    const released = await stopped(context, releaseAll);
    expect([released.code, released.text]).toEqual([0, expect.stringContaining("Launches are allowed again")]);
  });

  it("of an organization's file that stop-all was not given are stopped by the server that has it, and else named", async () => {
    const file = { BATCH_CALL_ORGANIZATIONS_FILE: service.credentials };
    const first = await startServer(file);
    const theirs = bearer(await first.addToken("acme-ana", "read,operate", "acme"));
    const { id, batch } = await schedule(first.url, theirs, await first.addToken("acme-boss", "approve", "acme"));
    const { code, text } = await stopped(withoutFile(first.context), stopAll);
    expect([code, text]).toEqual([
      0,
      expect.stringMatching(/1 batch\(es\) .*by the server \(http\) that has the keys/),
    ]);
    expect(await batch()).toMatchObject({ is_paused: true });
    await stopped(first.context, releaseAll);

    const kept = await first.end();
    const alone = await stopped(withoutFile(first.context), stopAll);
    expect(alone.code).toBe(1);
    expect(alone.text).toMatch(/NOT STOPPED FROM HERE: 1 account.*BATCH_CALL_ORGANIZATIONS_FILE/);
    expect(alone.text).toContain(id);
    // A server that starts with the file while all calls are stopped pauses there, before anybody asks it for anything.
    await startServer(file, kept);
    const again = await stopped(withoutFile(first.context), stopAll);
    expect([again.code, again.text]).toEqual([0, expect.stringContaining("by the server (http)")]);
  });

  it("of a file that cannot be read keep nobody from the operator's own account, and are told of", async () => {
    const { url, addToken, context } = await startServer();
    const { batch } = await schedule(url, bearer(await addToken("ana")), await addToken("boss", "approve"));
    const access = { ...context.settings.access, organizationsFile: "/nowhere/organizations.json" };
    const broken = { ...context, settings: { ...context.settings, access } };
    const { code, text } = await stopped(broken, stopAll);
    expect(code).toBe(1);
    expect(text).toMatch(/1 batch\(es\) stopped/);
    expect(text).toMatch(/NOT STOPPED: .*organizations.*\/nowhere\/organizations\.json.*go on/);
    expect(await batch()).toMatchObject({ is_paused: true });
    const released = await stopped(broken, releaseAll);
    expect(released.code).toBe(1);
    expect(released.text).toMatch(/STILL STOPPED: .*BATCH_CALL_ORGANIZATIONS_FILE/);
    expect(await stopped(context, releaseAll)).toMatchObject({ text: expect.not.stringContaining("STILL") });
  });

  it("that the API does not take are those of the file, by its name", async () => {
    const { context } = await startServer();
    const organizationsFile = join(context.settings.dataDir, "organizations.json");
    await writeFile(
      organizationsFile,
      JSON.stringify([{ organization_id: "acme", api_key: "k", api_secret: "wrong" }]),
    );
    const access = { ...context.settings.access, organizationsFile };
    const { code, text } = await stopped({ ...context, settings: { ...context.settings, access } }, stopAll);
    expect(code).toBe(1);
    expect(text).toMatch(/organization "acme": .*api_key and api_secret of "acme" in \S*organizations\.json/);
    expect(text).not.toContain("Check BATCH_CALL_API_KEY");
  });

  it("are not there after a restart: what was agreed to with them is listed, and nobody is told that nobody is called", async () => {
    const first = await startServer();
    const theirs = { ...bearer(await first.addToken("ana")), ...withKeys("acme") };
    await schedule(first.url, theirs, await first.addToken("boss", "approve"));
    const { url, addToken } = await startServer({}, await first.end());
    const { origin } = new URL(url);
    const page = (path: string, fields: Record<string, string>, cookie = "") =>
      send(`${origin}/approve${path}`, {
        headers: { Origin: origin, ...(cookie && { Cookie: cookie }) },
        body: new URLSearchParams(fields).toString(),
      });
    const enter = async (name: string, organization?: string) => {
      const { headers, text } = await page("/login", { token: await addToken(name, "approve", organization) });
      return { cookie: String(headers["set-cookie"]).split(";")[0] ?? "", text };
    };
    const boss = await enter("boss2");
    expect(boss.text).toMatch(/Agreed to, and not over.*June.*keys of its account are not here/s);
    const id = /name="id" value="([^"]+)"/.exec(boss.text)?.[1] ?? "";
    const shown = await page("/calls", { id }, boss.cookie);
    expect(shown.text).toMatch(/Somebody agreed.*keys of its account are not here/s);
    for (const path of ["/calls", "/live", "/stop"])
      expect((await page(path, { id }, boss.cookie)).text).not.toMatch(/nobody is called|no such question/i);
    const stranger = await enter("acme-boss", "acme");
    expect(stranger.text).not.toMatch(/Agreed|June/);
    expect((await page("/calls", { id }, stranger.cookie)).text).toContain("There is no such question");
    const unknown = await page("/calls", { id: "AAAAAAAAAAAAAAAAAAAAAA" }, boss.cookie);
    expect(unknown.text).toContain("There is no such question");
    expect(unknown.text).not.toMatch(/nobody is called|nothing was agreed/i);
  });

  it("are not told where the operator keeps records, while all calls are stopped; the operator is", async () => {
    const { url, addToken, context, dataDir } = await startServer({
      BATCH_CALL_ORGANIZATIONS_FILE: service.credentials,
    });
    setCommandText({ script: "/opt/batch-call-mcp.cjs", path: "", os: "linux", dataDir });
    onTestFinished(() => setCommandText({ script: undefined, path: "", os: "linux" }));
    const own = bearer(await addToken("ana"));
    const acme = bearer(await addToken("acme-ana", "read,operate", "acme"));
    const keys = { ...own, ...withKeys("other") };
    await stopped(context, stopAll);
    for (const theirs of [acme, keys]) {
      const refused = await create(url, theirs, { start: "now" });
      expect(refused.text).toContain("All calls are stopped");
      expect(refused.text).not.toContain(dataDir);
      expect(refused.text).not.toContain("/opt");
    }
    expect((await create(url, own, { start: "now" })).text).toContain(`--data-dir ${dataDir}`);
  });

  it("of the operator's own account lead to the operator's own records", async () => {
    const { url, addToken } = await startServer();
    const ana = bearer(await addToken("ana"));
    const first = batchIdOf(await create(url, ana));
    const again = await create(url, { ...ana, ...withKeys("own") });
    expect(batchIdOf(again)).toBe(first);
  });
});

describe("an organization", () => {
  it("without an account at the API is told so, and never is the operator's", async () => {
    const { url, addToken } = await startServer();
    const refused = await post(url, request(1, "tools/list"), bearer(await addToken("ana", "read", "acme")));
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain("BATCH_CALL_ORGANIZATIONS_FILE");
  });

  it("has the account that the operator's file gives it; people of one agree for it alone", async () => {
    const { url, addToken, context } = await startServer({ BATCH_CALL_ORGANIZATIONS_FILE: service.credentials });
    const acme = bearer(await addToken("acme-ana", "read,operate", "acme"));
    const acmeBoss = await addToken("acme-boss", "approve", "acme");
    const otherBoss = await addToken("other-boss", "read,operate,approve", "other");
    const ownBoss = await addToken("own-boss", "read,operate,approve");
    const id = batchIdOf(await create(url, acme));
    const asked = await callTool(url, "start_batch", { batch_id: id, start: "now" }, acme);
    expect(asked.text).toMatch(/\/approve/);

    const { origin } = new URL(url);
    const page = (path: string, fields: Record<string, string>, cookie = "") =>
      send(`${origin}/approve${path}`, {
        headers: { Origin: origin, ...(cookie && { Cookie: cookie }) },
        body: new URLSearchParams(fields).toString(),
      });
    const enter = async (token: string) => {
      const { headers, text } = await page("/login", { token });
      return { cookie: String(headers["set-cookie"]).split(";")[0] ?? "", text };
    };
    const boss = await enter(acmeBoss);
    const questionId = /name="id" value="([^"]+)"/.exec(boss.text)?.[1] ?? "";
    expect(questionId).not.toBe("");
    for (const stranger of [await enter(otherBoss), await enter(ownBoss)]) {
      expect(stranger.text).not.toContain(questionId);
      for (const path of ["/question", "/people", "/answer"]) {
        const fields = { answer: "call", typed: "2" };
        const theirs = await page(path, { id: questionId, ...fields }, stranger.cookie);
        const nobodys = await page(path, { id: "AAAAAAAAAAAAAAAAAAAAAA", ...fields }, stranger.cookie);
        expect(theirs.text).toContain("There is no such question");
        expect(theirs.text.replaceAll(questionId, "X")).toBe(nobodys.text.replaceAll("AAAAAAAAAAAAAAAAAAAAAA", "X"));
      }
    }
    expect(service.carrier.dials).toEqual([]);
    const agreed = await page("/answer", { id: questionId, answer: "call", typed: "2" }, boss.cookie);
    expect(agreed.text).toContain("Agreed");
    await expect.poll(() => service.carrier.dials.length).toBe(2);

    const told: string[] = [];
    await runAudit({ ...context, print: (line) => void told.push(line) }, false, "acme");
    expect(told.join("\n")).toMatch(/asked {2}acme-ana/);
    expect(told.join("\n")).toMatch(/approved {2}acme-boss \(page\)/);
    const others: string[] = [];
    await runAudit({ ...context, print: (line) => void others.push(line) }, false);
    expect(others.join("\n")).not.toContain("acme");
  });

  it("is stopped by the operator's switch, and what was agreed to before ends", async () => {
    const { url, addToken, dataDir } = await startServer({ BATCH_CALL_ORGANIZATIONS_FILE: service.credentials });
    const acme = bearer(await addToken("acme-ana", "read,operate", "acme"));
    const id = batchIdOf(await create(url, acme));
    await callTool(url, "start_batch", { batch_id: id, start: "now" }, acme);
    const ledger = openCampaignDatabase(join(dataDir, "ledger.sqlite"));
    createKillSwitch(ledger).set(true, "operator", new Date());
    const stopped = await callTool(url, "start_batch", { batch_id: id, start: "now" }, acme);
    expect(stopped.text).toMatch(/All calls are stopped/);
    createKillSwitch(ledger).set(false, "operator", new Date(Date.now() + 1000));
    ledger.close();
    expect((await callTool(url, "start_batch", { batch_id: id, start: "now" }, acme)).text).toMatch(/\/approve/);
  });
});

it("an answer that was given while the operator's stop was on starts nobody after the release", async () => {
  const { url, addToken, dataDir } = await startServer({ BATCH_CALL_ORGANIZATIONS_FILE: service.credentials });
  const acme = bearer(await addToken("acme-ana", "read,operate", "acme"));
  const id = batchIdOf(await create(url, acme));
  await callTool(url, "start_batch", { batch_id: id, start: "now" }, acme);
  const { origin } = new URL(url);
  const page = (path: string, fields: Record<string, string>, cookie = "") =>
    send(`${origin}/approve${path}`, {
      headers: { Origin: origin, ...(cookie && { Cookie: cookie }) },
      body: new URLSearchParams(fields).toString(),
    });
  const entered = await page("/login", { token: await addToken("acme-boss", "approve", "acme") });
  const cookie = String(entered.headers["set-cookie"]).split(";")[0] ?? "";
  const questionId = /name="id" value="([^"]+)"/.exec(entered.text)?.[1] ?? "";
  const ledger = openCampaignDatabase(join(dataDir, "ledger.sqlite"));
  const operators = createKillSwitch(ledger);
  operators.set(true, "operator", new Date());
  expect((await page("/answer", { id: questionId, answer: "call", typed: "2" }, cookie)).text).toContain("Agreed");
  const during = await callTool(url, "start_batch", { batch_id: id, start: "now" }, acme);
  expect(during.text).toMatch(/All calls are stopped/);
  operators.set(false, "operator", new Date(Date.now() + 1000));
  ledger.close();
  const after = await callTool(url, "start_batch", { batch_id: id, start: "now" }, acme);
  expect(after.text).toMatch(/a person has to agree first.*\/approve/s);
  expect(service.carrier.dials).toEqual([]);
});

describe("the mode host, in which the caller's own answer agrees", () => {
  it("takes a token with the scope approve; without, a person is asked on the page", async () => {
    const { url, addToken } = await startServer({ BATCH_CALL_APPROVAL: "host" });
    const operator = bearer(await addToken("operator", "read,operate"));
    const id = batchIdOf(await create(url, operator));
    const told = await callTool(url, "start_batch", { batch_id: id, start: "now" }, operator);
    const fingerprint = /fingerprint "?([0-9a-f]{64})/.exec(told.text)?.[1] ?? "";
    expect(fingerprint).not.toBe("");
    const agreed = { batch_id: id, start: "now", expected_recipients: 2, fingerprint };
    const refused = await callTool(url, "start_batch", agreed, operator);
    expect(refused.text).toMatch(/\/approve of this server/);
    expect(service.carrier.dials).toEqual([]);
    const approver = bearer(await addToken("approver", "read,operate,approve"));
    await callTool(url, "start_batch", agreed, approver);
    await expect.poll(() => service.carrier.dials.length).toBe(2);
  });
});

describe("a form over HTTP", () => {
  const asked = { elicitation: { form: {} } };
  const start = async (url: string, id: string, headers: Record<string, string>, retry: object = {}) => {
    const params = { name: "start_batch", arguments: { batch_id: id, start: "now" }, ...retry };
    const message = enveloped(request(7, "tools/call", params), asked);
    const sent = { method: "POST", headers: { ...headersFor(message, statelessRevision), ...headers } };
    return JSON.stringify((await readAnswer(await fetch(url, { ...sent, body: JSON.stringify(message) }))).result);
  };

  it("is shown to who may agree alone, and its answer counts from them alone", async () => {
    const { url, addToken } = await startServer({
      BATCH_CALL_APPROVAL: "form",
      BATCH_CALL_HTTP_TOKEN: "a-token-of-the-operator-alone",
    });
    const operator = bearer(await addToken("operator", "read,operate"));
    const ana = bearer(await addToken("ana", "read,operate,approve"));
    const bo = bearer(await addToken("bo", "read,operate,approve"));
    const id = batchIdOf(await create(url, operator));
    expect(await start(url, id, operator)).toMatch(/\/approve of this server/);
    const shown = await start(url, id, ana);
    const requestState = /"requestState":"([^"]+)"/.exec(shown)?.[1] ?? "";
    expect(requestState).not.toBe("");
    const inputResponses = { launch: { action: "accept", content: { recipients: 2, agree: true } } };
    expect(await start(url, id, operator, { requestState, inputResponses })).not.toMatch(/"status":"sent"/);
    expect(await start(url, id, bo, { requestState, inputResponses })).toMatch(/not given out for this call/);
    expect(service.carrier.dials).toEqual([]);
    await start(url, id, ana, { requestState, inputResponses });
    await expect.poll(() => service.carrier.dials.length).toBe(2);
  });
});
