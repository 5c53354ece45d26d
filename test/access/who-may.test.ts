import { readdir, readFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { runAudit } from "../../src/commands/audit.ts";
import { send } from "../approval-page/page-world.ts";
import { type Message, readAnswer, request } from "../mcp/wire.ts";
import { type RunningHttp, startRunningHttp } from "../support/http/running-http.ts";
import { clientKinds, connectHttp } from "../support/mcp-clients.ts";
import { account, batchIdOf, bearer, callTool, people, post as postTo, type Told } from "./http-calls.ts";

let server: RunningHttp;
afterEach(() => server?.stop());

const post = (message: Message, headers: Record<string, string> = {}) => postTo(server.url, message, headers);

const call = (tool: string, args: object, token?: string): Promise<Told> =>
  callTool(server.url, tool, args, bearer(token));

const createBatch = async (token: string, name = "June", args: object = {}): Promise<string> =>
  batchIdOf(await call("create_batch_call", { name, ...account, ...people, ...args }, token));

describe("who sends a token", () => {
  it("is let in by its name, with its scopes, and not once it is revoked, on a server that runs", async () => {
    server = await startRunningHttp();
    expect((await post(request(1, "tools/list"))).status).toBe(200);
    const ana = await server.addToken("ana", "read,operate");
    expect((await post(request(1, "tools/list"))).status).toBe(401);
    expect((await post(request(1, "tools/list"), bearer(`${ana}x`))).status).toBe(401);
    expect((await post(request(1, "tools/list"), bearer(ana))).status).toBe(200);
    await server.revoke("ana");
    const refused = await post(request(1, "tools/list"), bearer(ana));
    expect(refused.status).toBe(401);
    expect(refused.headers.get("www-authenticate")).toMatch(/^Bearer realm="batch-call-mcp", error="invalid_token"/);
    // All tokens are revoked, and still nobody gets in without one.
    expect((await post(request(1, "tools/list"))).status).toBe(401);
  });

  it("stands in no file and no log, and in the record by its name", async () => {
    const lines: string[] = [];
    const note = (fields: object, message: string) => void lines.push(message + JSON.stringify(fields));
    server = await startRunningHttp(
      { BATCH_CALL_LOG_LEVEL: "debug" },
      { debug: note, info: note, warn: note, error: note },
    );
    const token = await server.addToken("ana", "read,operate,approve");
    await createBatch(token, "June", { start: "now" });
    await server.addToken("bo");
    await call("create_batch_call", { name: "x" }, token);
    await server.revoke("ana");
    const files = await readdir(server.dataDir, { recursive: true, withFileTypes: true });
    const read = files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name)));
    const all = Buffer.concat(await Promise.all(read)).toString("latin1") + lines.join("\n");
    expect(all).toContain("ana");
    expect(all).not.toContain(token);
    expect(all).not.toContain(token.slice(4, 24));
  });

  it.each(clientKinds)("a client built on %s is told by a tool's answer which scope lacks", async (kind) => {
    server = await startRunningHttp();
    const reader = await server.addToken("reader", "read");
    const writer = await server.addToken("writer", "operate");
    const [reads, writes] = [await connectHttp(kind, server.url, reader), await connectHttp(kind, server.url, writer)];
    expect(await reads.callTool("list_batches", {})).toMatchObject({ isError: false });
    const lacks = await reads.callTool("create_batch_call", { name: "June", ...account, ...people });
    expect(lacks).toMatchObject({
      isError: true,
      text: expect.stringMatching(
        /^unauthorized: This needs the scope "operate"; the token that was sent has 1 scope, read\. Nothing was done\./,
      ),
    });
    expect(await writes.callTool("list_batches", {})).toMatchObject({ text: expect.stringContaining('scope "read"') });
    expect(await writes.callTool("create_batch_call", { name: "June", ...account, ...people })).toMatchObject({
      isError: false,
    });
    await reads.close();
    await writes.close();
  });

  it("reads no resource and watches none without the scope read, uploads nothing without operate", async () => {
    server = await startRunningHttp();
    const writer = await server.addToken("writer", "operate");
    const id = await createBatch(writer);
    const read = await readAnswer(await post(request(1, "resources/read", { uri: `batch://${id}` }), bearer(writer)));
    expect(read.error?.message).toMatch(/scope "read"/);
    const listen = request(1, "subscriptions/listen", { notifications: { resourceSubscriptions: [`batch://${id}`] } });
    expect((await readAnswer(await post(listen, bearer(writer)))).error?.message).toMatch(/scope "read"/);
    const reader = await server.addToken("reader", "read");
    const url = `${server.url.replace("/mcp", "/uploads")}?name=june.csv`;
    const sent = await fetch(url, { method: "POST", body: "phone\n+12015550101\n", headers: bearer(reader) });
    expect(sent.status).toBe(403);
    expect(sent.headers.get("www-authenticate")).toMatch(/error="insufficient_scope".*scope="operate"/);
  });
});

describe("a subscription", () => {
  it("ends with the token that it was made with", async () => {
    server = await startRunningHttp();
    const ana = await server.addToken("ana");
    const id = await createBatch(ana);
    const listen = request(1, "subscriptions/listen", { notifications: { resourceSubscriptions: [`batch://${id}`] } });
    const response = await post(listen, { ...bearer(ana), Accept: "application/json, text/event-stream" });
    expect(response.status).toBe(200);
    await server.revoke("ana");
    // Resolves when the server ends it, or the test times out.
    await response.text().catch(() => {});
  }, 15_000);
});

describe("a server that asks nobody for a token", () => {
  it("reads, and does the rest where calls are simulated", async () => {
    server = await startRunningHttp();
    const told = await call("create_batch_call", { name: "June", ...account, ...people, start: "now" });
    expect(told.isError).toBe(false);
  });

  it("leaves what was made with it to the operator's organization, once that has a token", async () => {
    server = await startRunningHttp();
    const uploads = `${server.url.replace("/mcp", "/uploads")}?name=june.csv`;
    const sent = await fetch(uploads, { method: "POST", body: "phone\n+12015550101\n" });
    const { upload } = JSON.parse(await sent.text());
    const listed = await call("preview_batch_call", { name: "L", ...account, tasks_file: upload });
    const listId = String(listed.structured["list_id"]);
    const id = batchIdOf(await call("create_batch_call", { name: "L", ...account, list_id: listId, start: "now" }));
    const exported = await call("export_batch_results", { batch_id: id });

    const ana = await server.addToken("ana", "read,operate");
    expect(await call("list_batches", {}, ana)).toMatchObject({ text: expect.stringContaining(id) });
    expect(await call("get_list", { list_id: listId }, ana)).toMatchObject({ isError: false });
    expect(await call("preview_batch_call", { name: "M", ...account, tasks_file: upload }, ana)).toMatchObject({
      isError: false,
      structured: { list_id: listId },
    });
    expect((await fetch(String(exported.structured["uri"]), { headers: bearer(ana) })).status).toBe(200);
    const acme = await server.addToken("acme-ana", "read,operate", "acme");
    expect(await call("get_list", { list_id: listId }, acme)).toMatchObject({ isError: true });
  });
});

describe("another organization's", () => {
  it("batches, lists, uploads, downloads and resources answer as what never was, byte for byte", async () => {
    server = await startRunningHttp();
    const acme = await server.addToken("acme-ana", "read,operate", "acme");
    const other = await server.addToken("other-bo", "read,operate", "other");
    const own = await server.addToken("own-cy", "read,operate");
    const id = await createBatch(acme, "June", { start: "now" });
    expect(await call("get_batch_status", { batch_id: id }, acme)).toMatchObject({ isError: false });
    const uploads = `${server.url.replace("/mcp", "/uploads")}?name=june.csv`;
    const sent = await fetch(uploads, { method: "POST", body: "phone\n+12015550101\n", headers: bearer(acme) });
    const { upload } = JSON.parse(await sent.text());
    const listed = await call("preview_batch_call", { name: "L", ...account, tasks_file: upload }, acme);
    const listId = String(listed.structured["list_id"]);
    expect(listId).toMatch(/^list_/);
    const exported = await call("export_batch_results", { batch_id: id }, acme);
    const uri = String(exported.structured["uri"]);
    expect(uri).toMatch(/\/downloads\//);

    const unknown = {
      batch: "batch_call_00000000000040008000000000000000",
      upload: "upload:AAAAAAAAAAAAAAAAAAAAAA",
      list: "list_AAAAAAAAAAAAAAAAAAAAAA",
    };
    const asks = (batch: string, list: string, file: string) =>
      [
        ["get_batch_status", { batch_id: batch }],
        ["get_batch_results", { batch_id: batch }],
        ["export_batch_results", { batch_id: batch }],
        ["pause_batch", { batch_id: batch }],
        ["cancel_batch", { batch_id: batch }],
        ["start_batch", { batch_id: batch, start: "now" }],
        ["resume_batch", { batch_id: batch }],
        ["update_batch", { batch_id: batch, name: "x" }],
        ["get_list", { list_id: list }],
        ["change_list", { list_id: list, leave_out: ["2"] }],
        ["delete_list", { list_id: list }],
        ["preview_batch_call", { name: "L", ...account, list_id: list }],
        ["preview_batch_call", { name: "L", ...account, tasks_file: file }],
      ] as const;
    const plain = (text: string, batch: string, list: string, file: string) =>
      text.replaceAll(batch, "BATCH").replaceAll(list, "LIST").replaceAll(file, "FILE");
    for (const stranger of [other, own]) {
      const foreign = asks(id, listId, upload);
      const never = asks(unknown.batch, unknown.list, unknown.upload);
      for (const [place, [tool, args]] of foreign.entries()) {
        const theirs = await call(tool, args, stranger);
        const nobodys = await call(tool, never[place]?.[1] ?? {}, stranger);
        expect(theirs.text, tool).toMatch(/not_found/);
        expect(plain(theirs.text, id, listId, upload), tool).toBe(
          plain(nobodys.text, unknown.batch, unknown.list, unknown.upload),
        );
      }
      const download = await fetch(uri, { headers: bearer(stranger) });
      const none = await fetch(uri.replace(/[^/]+$/, "AAAAAAAAAAAAAAAAAAAAAA"), { headers: bearer(stranger) });
      expect([download.status, none.status]).toEqual([404, 404]);
      const named = uri.split("/").at(-1) ?? "";
      expect((await download.text()).replaceAll(named, "X")).toBe(
        (await none.text()).replaceAll("AAAAAAAAAAAAAAAAAAAAAA", "X"),
      );
      const resource = (of: string) => post(request(1, "resources/read", { uri: `batch://${of}` }), bearer(stranger));
      const [seen, unseen] = [await readAnswer(await resource(id)), await readAnswer(await resource(unknown.batch))];
      expect(seen.error?.message.replaceAll(id, "X")).toBe(unseen.error?.message.replaceAll(unknown.batch, "X"));
      expect(JSON.stringify(await call("list_batches", {}, stranger))).not.toContain(id);
    }
    expect((await fetch(uri, { headers: bearer(acme) })).status).toBe(200);
    expect(await call("get_batch_status", { batch_id: id }, acme)).toMatchObject({ isError: false });
  });

  it("do-not-call list and record are their own, and a colleague has the same of both, and of lists", async () => {
    server = await startRunningHttp();
    const ana = await server.addToken("ana", "read,operate", "acme");
    const bo = await server.addToken("bo", "read,operate", "acme");
    const cy = await server.addToken("cy", "read,operate", "other");
    await call("update_do_not_call_list", { action: "add", numbers: ["+12015550101"], reason: "asked" }, ana);
    const check = async (token: string) => (await call("check_do_not_call", { numbers: ["+12015550101"] }, token)).text;
    expect(await check(bo)).not.toBe(await check(cy));
    const listed = await call("preview_batch_call", { name: "L", ...account, ...people }, ana);
    const listId = String(listed.structured["list_id"]);
    expect(await call("get_list", { list_id: listId }, bo)).toMatchObject({ isError: false });
    expect(await call("get_list", { list_id: listId }, cy)).toMatchObject({ isError: true });
  });

  it("is one only where an operator or an issuer said so: the same ids in JSON-RPC stay with who asked", async () => {
    server = await startRunningHttp();
    const tokens = await Promise.all(
      ["a", "b", "c", "d"].map((name) => server.addToken(`of-${name}`, "read,operate", name)),
    );
    const ids = await Promise.all(tokens.map((token) => createBatch(token, "June")));
    expect(new Set(ids).size).toBe(4);
    const lists = await Promise.all(tokens.map((token) => call("list_batches", {}, token)));
    for (const [place, { text }] of lists.entries())
      for (const [of, id] of ids.entries()) expect(text.includes(id), `${place} sees ${of}`).toBe(place === of);
  });
});

describe("the pages", () => {
  const page = (path: string, fields: Record<string, string>, cookie = "") => {
    const { origin } = new URL(server.url);
    const headers = { Origin: origin, ...(cookie && { Cookie: cookie }) };
    return send(`${origin}${path}`, { headers, body: new URLSearchParams(fields).toString() });
  };

  it("take an answer only from a token with the scope approve", async () => {
    server = await startRunningHttp();
    const operator = await server.addToken("operator", "read,operate");
    const approver = await server.addToken("approver", "approve");
    const refused = await page("/approve/login", { token: operator });
    expect(refused.status).toBe(403);
    expect(refused.text).toContain("lacks the scope approve");
    const cookie = String(refused.headers["set-cookie"]).split(";")[0] ?? "";
    for (const path of ["/questions", "/question", "/people", "/answer"])
      expect((await page(`/approve${path}`, { id: "x", answer: "call" }, cookie)).status).toBe(403);
    const entered = await page("/approve/login", { token: approver });
    expect(entered.status).toBe(200);
    const own = String(entered.headers["set-cookie"]).split(";")[0] ?? "";
    expect((await page("/approve/questions", {}, own)).status).toBe(200);
    await server.revoke("approver");
    expect((await page("/approve/questions", {}, own)).status).toBe(401);
  });

  it("show a person what their token may see, and nothing once it is revoked", async () => {
    server = await startRunningHttp();
    const ana = await server.addToken("ana", "read", "acme");
    const bo = await server.addToken("bo", "read,operate", "other");
    const id = await createBatch(bo);
    const { origin } = new URL(server.url);
    const ask = (path: string, body: object, cookie = "") =>
      send(`${origin}/view/${path}`, {
        headers: { Origin: origin, ...(cookie && { Cookie: cookie }) },
        body: JSON.stringify(body),
      });
    const enter = async (token: string) =>
      String((await ask("login", { token })).headers["set-cookie"]).split(";")[0] ?? "";
    const [anas, bos] = [await enter(ana), await enter(bo)];
    expect((await ask("call", { name: "list_batches", arguments: {} }, bos)).text).toContain(id);
    expect((await ask("call", { name: "list_batches", arguments: {} }, anas)).text).not.toContain(id);
    expect((await ask("call", { name: "pause_batch", arguments: { batch_id: id } }, anas)).text).toContain(
      "unauthorized",
    );
    expect((await ask("read", { uri: `batch://${id}/view?` }, anas)).text).toContain("not_found");
    const boss = await enter(await server.addToken("boss", "read,approve", "acme"));
    const wayOf = async (cookie: string) => JSON.parse((await ask("about", {}, cookie)).text).approval_path;
    expect([await wayOf(anas), await wayOf(bos), await wayOf(boss)]).toEqual([undefined, undefined, "/approve"]);
    await server.revoke("ana");
    expect((await ask("call", { name: "list_batches", arguments: {} }, anas)).status).toBe(401);
  });
});

describe("requests of one principal", () => {
  it("wait once they are too many, and nobody else's do", async () => {
    server = await startRunningHttp({ BATCH_CALL_HTTP_REQUESTS_PER_MINUTE: "5" });
    const ana = await server.addToken("ana");
    const bo = await server.addToken("bo");
    const statuses = [];
    for (let n = 0; n < 8; n++) statuses.push((await post(request(n, "tools/list"), bearer(ana))).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429, 429]);
    const refused = await post(request(9, "tools/list"), bearer(ana));
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await post(request(9, "tools/list"), bearer(bo))).status).toBe(200);
  });
});

it("the record has who made and revoked which token, with its scopes and organization, and never the token", async () => {
  server = await startRunningHttp();
  const ana = await server.addToken("ana", "read,operate");
  const bot = await server.addToken("acme-bot", "approve", "acme");
  await server.addToken("ana").catch(() => {});
  await server.revoke("ana");
  // What was revoked before is not revoked again.
  await server.revoke("ana");
  const recordOf = async (organization?: string) => {
    const lines: string[] = [];
    await runAudit({ ...server.context, print: (line) => void lines.push(line) }, false, organization);
    return lines.map((line) => line.replace(/^\S+ {2}/, ""));
  };
  const user = userInfo().username;
  const told = await recordOf();
  expect(told).toEqual([
    `token_made  ${user}  "ana" with read, operate`,
    `token_revoked  ${user}  "ana" with read, operate`,
  ]);
  expect(await recordOf("acme")).toEqual([`token_made  ${user}  "acme-bot" of acme with approve`]);
  for (const token of [ana, bot]) expect(told.join()).not.toContain(token.slice(4, 20));
});

it("the command audit tells what an organization did, by the names of its tokens", async () => {
  server = await startRunningHttp();
  const ana = await server.addToken("ana", "read,operate", "acme");
  await createBatch(ana, "June", { start: "now" });
  const lines: string[] = [];
  await runAudit({ ...server.context, print: (line) => void lines.push(line) }, false, "acme");
  expect(lines.join("\n")).toMatch(/Nothing was asked|ana/);
});
