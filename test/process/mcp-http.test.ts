import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { selectTools } from "../../src/tools/index.ts";
import { clientKinds, connectHttp } from "../support/mcp-clients.ts";
import { builtProgram, createHome, type Home, type RunningProgram, run } from "../support/process/spawn.ts";
import { lifeSettings, liveOneBatch } from "./batch-life.ts";

const token = "a-token-of-at-least-16-characters";
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
  const [url] = await started.answered(/http:\/\/127\.0\.0\.1:\d+\/mcp/);
  return { program: started, url };
}

describe.each(clientKinds)("the program over HTTP with a client built on %s", (kind) => {
  it("lists every tool and leads a batch through its whole life", async () => {
    const { url } = await startHttp({ BATCH_CALL_HTTP_TOKEN: token });
    const client = await connectHttp(kind, url, token);
    expect(await client.listTools()).toHaveLength(selectTools({ isReadOnly: false, hasTestNumbers: false }).length);
    await liveOneBatch(client, `Life over HTTP, ${kind}`);
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
