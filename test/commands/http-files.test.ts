import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { runHttp } from "../../src/commands/http.ts";
import { parseSettings } from "../../src/config/settings.ts";
import { silentLog } from "../../src/lib/log.ts";
import { type ClientKind, clientKinds, connectHttp } from "../support/mcp-clients.ts";

const token = "a-token-of-at-least-16-characters";
const list = {
  agent_id: "agent_5d0c1f6e-2b7a-4c55-9f0e-6a1d3b8e4c21",
  from_number: "+14155550100",
  name: "By path",
  tasks_file: "june.csv",
};

/** The command as an operator runs it, with one list in its folder; a client, and the address for uploads. */
async function startHttp(host: string, kind: ClientKind = "sdk v2, 2026 era") {
  const home = await mkdtemp(join(tmpdir(), "batch-call-"));
  const files = join(home, "files");
  await mkdir(files);
  await writeFile(join(files, "june.csv"), "Phone\n+12015550101\n");
  const platform = {
    os: "linux",
    env: {
      BATCH_CALL_DATA_DIR: join(home, "data"),
      BATCH_CALL_FILES_DIR: files,
      BATCH_CALL_HTTP_HOST: host,
      BATCH_CALL_HTTP_PORT: "0",
      BATCH_CALL_HTTP_TOKEN: token,
    },
    timezone: "UTC",
  } as const;
  const settings = parseSettings(platform);
  if ("errors" in settings) throw new Error(settings.errors.join("\n"));
  const ending = new AbortController();
  let running: Promise<number> = Promise.resolve(0);
  const line = await new Promise<string>((print, fail) => {
    running = runHttp({ settings, platform, log: silentLog, signal: ending.signal, print }, { isReadOnly: false });
    running.catch(fail);
  });
  const url = /http:\S+\/mcp/.exec(line)?.[0] ?? "";
  const client = await connectHttp(kind, url, token);
  onTestFinished(async () => {
    await client.close();
    ending.abort();
    expect(await running).toBe(0);
    await rm(home, { recursive: true, force: true });
  });
  return { client, url, home, files, uploads: url.replace("/mcp", "/uploads") };
}

test("on loopback files are read by their path, as over stdio", async () => {
  const { client, files } = await startHttp("127.0.0.1");
  for (const path of ["june.csv", join(files, "june.csv")]) {
    const preview = await client.callTool("preview_batch_call", { ...list, tasks_file: path });
    expect(preview).toMatchObject({ isError: false, structured: { rows: { input: 1, accepted: 1 } } });
  }
  const outside = await client.callTool("preview_batch_call", { ...list, tasks_file: "/etc/hosts.csv" });
  expect(outside).toMatchObject({ isError: true, text: expect.stringContaining("is outside of the folder") });
});

test("where other machines may reach the server no path is read or written, and an upload is", async () => {
  // This machine by a name that no rule takes for it: what is not known to be loopback is not.
  const { client, uploads, home } = await startHttp("127.1");
  const byPath = await client.callTool("preview_batch_call", list);
  expect(byPath).toMatchObject({ isError: true, text: expect.stringMatching(/^unsupported: .*curl --data-binary/) });
  const sent = await fetch(`${uploads}?name=june.csv`, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}` },
    body: "Phone\n+12015550101\n",
  });
  const { upload } = z.object({ upload: z.string() }).parse(await sent.json());
  const preview = await client.callTool("preview_batch_call", { ...list, tasks_file: upload });
  expect(preview).toMatchObject({ isError: false, structured: { rows: { input: 1, accepted: 1 } } });
  const { structured } = await client.callTool("create_batch_call", { ...list, tasks_file: upload });
  const { batch_id } = z.object({ batch: z.object({ batch_id: z.string() }) }).parse(structured).batch;
  const exported = await client.callTool("export_batch_results", { batch_id });
  expect(exported).toMatchObject({ isError: false, structured: { rows: 1 } });
  expect(JSON.stringify(exported)).not.toContain(home);
});

const linked = z.object({
  uri: z.string(),
  name: z.string(),
  mime_type: z.string(),
  size: z.number(),
  rows: z.number(),
});

test.each(clientKinds)(
  "what is exported comes to a client on %s as a link that works once, and as tasks_file",
  async (kind) => {
    const { client, url, home } = await startHttp("127.0.0.1", kind);
    const { structured } = await client.callTool("create_batch_call", list);
    const { batch_id } = z.object({ batch: z.object({ batch_id: z.string() }) }).parse(structured).batch;
    const exported = await client.callTool("export_batch_results", { batch_id, format: "xlsx" });
    expect(JSON.stringify(exported)).not.toContain(home);
    const { uri, name, mime_type: mimeType, size, rows } = linked.parse(exported.structured);
    expect([new URL(uri).origin, name, rows]).toEqual([new URL(url).origin, "By-path-results.xlsx", 1]);
    expect(exported.links).toEqual([{ type: "resource_link", uri, name, mimeType, size }]);
    const fetched = () => fetch(uri, { headers: { Authorization: `Bearer ${token}` } });
    const first = await fetched();
    expect(first.headers.get("content-type")).toBe(mimeType);
    expect((await first.arrayBuffer()).byteLength).toBe(size);
    expect((await fetched()).status).toBe(404);
    const again = await client.callTool("preview_batch_call", { ...list, tasks_file: uri });
    expect(again).toMatchObject({ isError: false, structured: { rows: { input: 1, accepted: 1 } } });
  },
);
