import { once } from "node:events";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { type Downloads, openDownloads } from "../../src/contacts/downloads.ts";
import { silentLog } from "../../src/lib/log.ts";
import { TestClock } from "../support/test-clock.ts";
import { waitUntil } from "../support/wait-until.ts";
import { closeAll, closeLater, start, statusWith, token } from "./http-world.ts";

const text = "Phone\r\n+14155550123\r\n";
const headers = { Authorization: `Bearer ${token}` };
let dir: string;
let clock: TestClock;
let downloads: Downloads;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "downloads-"));
  clock = new TestClock("2026-03-02T15:00:00Z");
  downloads = open();
  closeLater(() => rm(dir, { recursive: true, force: true }));
});
afterEach(closeAll);

function open(): Downloads {
  const opened = openDownloads(dir, clock, silentLog);
  closeLater(() => opened.close());
  return opened;
}

const keep = (changes: object = {}) =>
  downloads.keep({ name: "June-results.csv", owner: "local", parts: [text], ...changes });

/** The server's origin. */
async function serve(options: object = { token }): Promise<string> {
  return new URL(await start({ takeDownload: (...given) => downloads.take(...given), ...options })).origin;
}

async function served(options?: object): Promise<string> {
  return `${await serve(options)}/downloads/${(await keep()).id}`;
}

const failure = z.object({ error: z.object({ message: z.string() }) });

async function refusal(url: string, init: RequestInit = { headers }) {
  const response = await fetch(url, init);
  return { status: response.status, words: failure.parse(await response.json()).error.message };
}

/** Asks for the file on a connection of its own. */
async function ask(url: string) {
  const { hostname, port, host, pathname } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  socket.write(`GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\n\r\n`);
  return socket;
}

/** More than a connection has room for on its way. */
const large = Array.from({ length: 24 }, () => Buffer.alloc(1024 * 1024, "x"));

describe("GET /downloads/…", () => {
  it("hands the file out as it is, with what it is and how it is to be saved", async () => {
    const { id, ...kept } = await keep({ name: 'Списки "June".csv' });
    expect(kept).toEqual({
      expiresAt: new Date("2026-03-02T16:00:00Z"),
      size: text.length,
      mimeType: "text/csv; charset=utf-8",
    });
    const response = await fetch(`${await serve()}/downloads/${id}`, { headers });
    expect([response.status, await response.text()]).toEqual([200, text]);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "text/csv; charset=utf-8",
      "content-length": String(text.length),
      "content-disposition": `attachment; filename="______ _June_.csv"; filename*=UTF-8''${encodeURIComponent('Списки "June".csv')}`,
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    });
    for (const name of await readdir(dir)) expect((await stat(join(dir, name))).mode & 0o777).toBe(0o600);
  });

  it("works once, says so afterwards, and still does after a restart", async () => {
    const url = await served();
    expect(await (await fetch(url, { headers })).text()).toBe(text);
    const used = { status: 404, words: expect.stringContaining('June-results.csv" was downloaded already') };
    expect(await refusal(url)).toEqual(used);
    await downloads.close();
    downloads = open();
    expect(await refusal(url)).toEqual(used);
  });

  it("works once for many who come at once", async () => {
    const url = await served();
    const answers = await Promise.all(Array.from({ length: 8 }, async () => (await fetch(url, { headers })).status));
    expect(answers.toSorted()).toEqual([200, ...Array(7).fill(404)]);
  });

  it("is no more used up by a transfer that broke off, be it with all bytes on their way", async () => {
    const url = await served();
    const socket = await ask(url);
    await once(socket, "readable");
    socket.resetAndDestroy();
    await downloads.settled();
    expect(await (await fetch(url, { headers })).text()).toBe(text);
  });

  it("is not used up by a client that takes a part and is gone", async () => {
    const { id } = await keep({ parts: large });
    const url = `${await serve()}/downloads/${id}`;
    const socket = await ask(url);
    await once(socket, "data");
    socket.destroy();
    await downloads.settled();
    const whole = await fetch(url, { headers });
    expect((await whole.arrayBuffer()).byteLength).toBe(24 * 1024 * 1024);
    expect((await fetch(url, { headers })).status).toBe(404);
  });

  it("goes to who comes again, where an earlier transfer hangs", async () => {
    const { id } = await keep({ parts: large });
    const url = `${await serve()}/downloads/${id}`;
    const hanging = await ask(url);
    await once(hanging, "readable");
    const cut = once(hanging, "close");
    const again = await fetch(url, { headers });
    expect((await again.arrayBuffer()).byteLength).toBe(24 * 1024 * 1024);
    hanging.on("error", () => {}).resume();
    await cut;
    expect((await fetch(url, { headers })).status).toBe(404);
  });

  it("is not used up by a look at its headers, or by another method", async () => {
    const url = await served();
    for (const method of ["HEAD", "POST", "DELETE"]) {
      const response = await fetch(url, { method, headers });
      expect([response.status, response.headers.get("allow")]).toEqual([405, "GET"]);
    }
    expect((await fetch(url, { headers })).status).toBe(200);
  });

  it("is for who asked for it, and an address that is wrong or has expired is refused in words, without a path", async () => {
    const origin = await serve();
    const { id: theirs } = await keep({ owner: "another" });
    const { id: old } = await keep();
    const isRefused = async (id: string) => {
      const { status, words } = await refusal(`${origin}/downloads/${id}`);
      expect([status, words]).toEqual([404, expect.stringContaining("Export it again for another address")]);
      expect(words).not.toContain(dir);
    };
    for (const id of [theirs, "x".repeat(22), "..%2Fledger.sqlite"]) await isRefused(id);
    // So that nothing is removed yet.
    await clock.step(3600);
    await isRefused(old);
  });

  it("is removed after its hour", async () => {
    await keep();
    await clock.advance({ minutes: 59 });
    expect(await readdir(dir)).toHaveLength(2);
    await clock.advance({ minutes: 1 });
    await waitUntil("it is gone", async () => (await readdir(dir)).length === 0);
  });

  it.each([
    ["no token", { headers: {} }, 401],
    ["another token", { headers: { Authorization: "Bearer wrong" } }, 401],
    ["a page of another origin", { headers: { ...headers, Origin: "https://a.test" } }, 403],
  ])("refuses %s, and the file is still there", async (_what, init, status) => {
    const url = await served();
    expect((await refusal(url, init)).status).toBe(status);
    expect((await fetch(url, { headers })).status).toBe(200);
  });

  it("refuses another name of this machine, as a page that rebinds its own name would send", async () => {
    expect(await statusWith(await served(), { ...headers, Host: "a.test" }, "GET")).toBe(403);
  });

  it("belongs to the local user where there is no token", async () => {
    const { id } = await keep();
    expect((await fetch(`${await serve({})}/downloads/${id}`)).status).toBe(200);
  });
});

describe("a file for downloading", () => {
  it("leaves nothing where it could not be made to its end", async () => {
    async function* broken() {
      yield text;
      throw new Error("no more results");
    }
    await expect(keep({ parts: broken() })).rejects.toThrow("no more results");
    expect(await readdir(dir)).toEqual([]);
  });

  it("is one of at most twenty", async () => {
    for (let count = 0; count < 20; count++) await keep();
    await expect(keep()).rejects.toMatchObject({
      code: "rate_limited",
      message: expect.stringMatching(/Nothing was written. Try again after 2026-03-02T16:00:00.000Z/),
    });
    await clock.advance({ hours: 1 });
    expect((await keep()).size).toBe(text.length);
  });
});
