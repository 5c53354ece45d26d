import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { tools } from "../../src/tools/index.ts";
import { clientKinds, connectHttp } from "../support/mcp-clients.ts";
import { builtProgram, createHome, type Home, type RunningProgram, run } from "../support/process/spawn.ts";
import { lifeSettings, liveOneBatch } from "./batch-life.ts";

const token = "a-token-of-at-least-16-characters";
const batchIn = z.object({ batch: z.object({ batch_id: z.string() }) });
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

/** Starts `http` on a free port and answers the endpoint that it announces. */
async function startHttp(
  settings: Record<string, string> = {},
): Promise<{ readonly program: RunningProgram; readonly url: string }> {
  const started = run(await builtProgram(home, ["http"], { BATCH_CALL_HTTP_PORT: "0", ...lifeSettings, ...settings }));
  program = started;
  const [url] = await started.answered(/http:\/\/(127\.0\.0\.1|\[[\da-f:.]+\]):\d+\/mcp/);
  return { program: started, url };
}

describe.each(clientKinds)("the program over HTTP with a client built on %s", (kind) => {
  it("lists every tool and leads a batch through its whole life", async () => {
    const { url } = await startHttp({ BATCH_CALL_HTTP_TOKEN: token });
    const client = await connectHttp(kind, url, token);
    expect(await client.listTools()).toHaveLength(tools.length);
    await liveOneBatch(client, `Life over HTTP, ${kind}`);
    await client.close();
  });
});

describe("files by their path over HTTP", () => {
  const list = {
    agent_id: "agent_5d0c1f6e-2b7a-4c55-9f0e-6a1d3b8e4c21",
    from_number: "+14155550100",
    name: "By path",
    tasks_file: "june.csv",
  };
  beforeEach(async () => {
    await mkdir(home.filesDir);
    await writeFile(join(home.filesDir, "june.csv"), "Phone\n+12015550101\n");
  });

  it("are read and written on loopback, as over stdio", async () => {
    const { url } = await startHttp({ BATCH_CALL_HTTP_TOKEN: token });
    const client = await connectHttp("sdk v2, 2026 era", url, token);
    for (const path of ["june.csv", join(home.filesDir, "june.csv")]) {
      const preview = await client.callTool("preview_batch_call", { ...list, tasks_file: path });
      expect(preview).toMatchObject({ isError: false, structured: { rows: { input: 1, accepted: 1 } } });
    }
    const outside = await client.callTool("preview_batch_call", { ...list, tasks_file: "/etc/hosts.csv" });
    expect(outside).toMatchObject({ isError: true, text: expect.stringContaining("is outside of the folder") });
    const { structured } = await client.callTool("create_batch_call", { ...list, start: "draft" });
    const { batch_id } = batchIn.parse(structured).batch;
    const exported = await client.callTool("export_batch_results", { batch_id });
    expect(exported).toMatchObject({ structured: { path: join(home.filesDir, "By-path-results.csv") } });
    await client.close();
  });

  it("are not where other machines may reach the server", async () => {
    // An address of this machine that no rule takes for one: what is not known to be loopback is not.
    const host = "::ffff:127.0.0.1";
    const { url } = await startHttp({ BATCH_CALL_HTTP_TOKEN: token, BATCH_CALL_HTTP_HOST: host });
    const client = await connectHttp("sdk v2, 2026 era", url, token);
    const preview = await client.callTool("preview_batch_call", list);
    expect(preview).toMatchObject({
      isError: true,
      text: expect.stringMatching(/^unsupported: .*no files by their path/),
    });
    await client.close();
  });
});

describe("the program's own manners over HTTP", () => {
  it("refuses who has no token and never shows it", async () => {
    const { program, url } = await startHttp({ BATCH_CALL_HTTP_TOKEN: token, BATCH_CALL_LOG_LEVEL: "debug" });
    const response = await fetch(url, { method: "POST", headers: { Authorization: "Bearer wrong" } });
    expect(response.status).toBe(401);
    expect((await fetch(new URL("/healthz", url))).status).toBe(200);
    expect(await program.stop()).toBe(0);
    expect(program.stdout() + program.stderr()).not.toContain(token);
  });

  it("does not start on an address that others can reach without a token", async () => {
    const refused = run(
      await builtProgram(home, ["http"], { BATCH_CALL_HTTP_HOST: "0.0.0.0", BATCH_CALL_HTTP_PORT: "0" }),
    );
    expect(await refused.exited).not.toBe(0);
    expect(refused.stderr()).toContain("BATCH_CALL_HTTP_TOKEN");
  });

  it("says which port is taken and which setting changes it", async () => {
    const { url } = await startHttp();
    const { port } = new URL(url);
    const second = run(await builtProgram(home, ["http"], { BATCH_CALL_HTTP_PORT: port }));
    expect(await second.exited).not.toBe(0);
    expect(second.stderr()).toMatch(new RegExp(`port ${port}`));
    expect(second.stderr()).toContain("BATCH_CALL_HTTP_PORT");
  });
});
