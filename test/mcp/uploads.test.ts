import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { openUploads, type Uploads } from "../../src/contacts/uploads.ts";
import { silentLog } from "../../src/lib/log.ts";
import { TestClock } from "../support/test-clock.ts";
import { waitUntil } from "../support/wait-until.ts";
import { closeAll, closeLater, start, statusWith, token } from "./http-world.ts";

const text = "Phone\n+14155550123\n";
let dir: string;
let uploads: Uploads;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "uploads-"));
  uploads = openUploads(dir, new TestClock("2026-03-02T15:00:00Z"), silentLog);
  closeLater(async () => {
    await uploads.close();
    await rm(dir, { recursive: true, force: true });
  });
});
afterEach(closeAll);

/** The address that files are sent to, with a name in it unless given. */
async function serve(query = "?name=june.csv", options: object = { token }): Promise<string> {
  const { keep: keepUpload } = uploads;
  return (await start({ keepUpload, ...options })).replace("/mcp", `/uploads${query}`);
}

const kept = z.looseObject({ upload: z.string().default(""), size: z.number().default(0) });
const headers = { Authorization: `Bearer ${token}` };

async function send(url: string, init: RequestInit = {}) {
  const response = await fetch(url, { method: "POST", body: text, headers, ...init });
  return { status: response.status, answer: kept.parse(await response.json()) };
}

async function readUpload(name: string, owner: string): Promise<string> {
  let whole = "";
  for await (const chunk of (await uploads.open(name, owner)).open()) whole += Buffer.from(chunk).toString();
  return whole;
}

describe("POST /uploads", () => {
  it("keeps the body under a name, for who has the token", async () => {
    const { status, answer } = await send(await serve());
    expect([status, answer]).toEqual([
      201,
      {
        upload: expect.stringMatching(/^upload:/),
        expires_at: "2026-03-02T16:00:00.000Z",
        now: "2026-03-02T15:00:00.000Z",
        size: text.length,
      },
    ]);
    expect(await readUpload(answer.upload, "local")).toBe(text);
    await expect(readUpload(answer.upload, "another")).rejects.toMatchObject({ code: "not_found" });
  });

  it("takes names in any script, and the last part of a path", async () => {
    const name = encodeURIComponent("C:\\Lists\\Списки & Co.xlsx");
    const { answer } = await send(await serve(`?name=${name}`));
    expect(await uploads.open(answer.upload, "local")).toMatchObject({ fileName: "Списки & Co.xlsx" });
  });

  it("belongs to the local user where there is no token", async () => {
    const { answer } = await send(await serve(undefined, {}), { headers: {} });
    expect(await readUpload(answer.upload, "local")).toBe(text);
  });

  it.each([
    ["no name", "", {}, 400, "name of the file is missing"],
    ["another kind of file", "?name=june.pdf", {}, 400, "is not a .csv"],
    ["an empty body", "?name=june.csv", { body: "" }, 400, "is empty"],
    ["no body", "?name=june.csv", { body: null }, 400, "is empty"],
    ["a form", "?name=june.csv", { body: new FormData() }, 415, "the body is the file itself"],
    ["a packed body", "?name=june.csv", { headers: { ...headers, "Content-Encoding": "gzip" } }, 415, "Encoding"],
    ["no token", "?name=june.csv", { headers: {} }, 401, "bearer token"],
    ["another token", "?name=june.csv", { headers: { Authorization: "Bearer wrong" } }, 401, "bearer token"],
    ["a page of another origin", "?name=june.csv", { headers: { ...headers, Origin: "https://a.test" } }, 403, "rigin"],
    ["another method", "?name=june.csv", { method: "PUT" }, 405, "Only POST"],
  ])("refuses %s in words, and keeps nothing", async (_what, query, init, status, words) => {
    const refused = await send(await serve(query), init);
    expect(refused).toMatchObject({ status, answer: { error: { message: expect.stringContaining(words) } } });
    expect(await readdir(dir)).toEqual([]);
  });

  it("refuses another name of this machine, as a page that rebinds its own name would send", async () => {
    expect(await statusWith(await serve(), { ...headers, Host: "a.test" }, "POST")).toBe(403);
  });

  it("is nothing where nobody keeps uploads", async () => {
    const url = (await start()).replace("/mcp", "/uploads?name=june.csv");
    expect((await send(url)).status).toBe(404);
  });

  it("takes a body of 20 MB, whose length nobody said, as it comes", async () => {
    const chunk = new Uint8Array(1024 * 1024).fill(0x20);
    let chunks = 0;
    const body = new ReadableStream({
      pull: (controller) => (chunks++ < 20 ? controller.enqueue(chunk) : controller.close()),
    });
    const { status, answer } = await send(await serve(), { body, duplex: "half" });
    expect([status, answer.size]).toEqual([201, 20 * 1024 * 1024]);
  });

  it("cuts a body over 64 MiB whose length nobody said, and goes on", async () => {
    const url = await serve();
    const chunk = new Uint8Array(1024 * 1024).fill(0x20);
    const body = new ReadableStream({ pull: (controller) => controller.enqueue(chunk) });
    expect((await send(url, { body, duplex: "half" })).status).toBe(413);
    expect(await readdir(dir)).toEqual([]);
    expect((await send(url)).status).toBe(201);
  });

  it.each([
    ["with a length", "Content-Length: 1000"],
    ["in chunks", "Transfer-Encoding: chunked"],
  ])("keeps nothing of an upload %s whose connection is cut", async (_what, length) => {
    const url = new URL(await serve());
    const socket = connect(Number(url.port), url.hostname);
    await once(socket, "connect");
    const head = `POST ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\nAuthorization: Bearer ${token}\r\n${length}\r\n\r\n`;
    socket.write(`${head}14\r\n${text}`);
    await waitUntil("half of it is there", async () => (await readdir(dir)).some((name) => name.endsWith(".part")));
    socket.destroy();
    await waitUntil("nothing is there", async () => (await readdir(dir)).length === 0);
    expect((await send(String(url))).status).toBe(201);
  });

  it("says at once that an announced size is too large", async () => {
    const status = await statusWith(await serve(), { ...headers, "Content-Length": String(65 * 1024 * 1024) }, "POST");
    expect(status).toBe(413);
  });
});
