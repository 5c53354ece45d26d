import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { selectTools } from "../../src/tools/index.ts";
import { clientKinds, connectStdio } from "../support/mcp-clients.ts";
import { builtProgram, createHome, type Home, run } from "../support/process/spawn.ts";
import { lifeSettings, liveOneBatch } from "./batch-life.ts";

let home: Home;
beforeEach(async () => {
  home = await createHome();
});
afterEach(() => home.remove());

describe.each(clientKinds)("the program on stdio with a client built on %s", (kind) => {
  it("lists every tool and leads a batch through its whole life", async () => {
    const client = await connectStdio(kind, await builtProgram(home, [], lifeSettings));
    try {
      expect(client.serverName).toBe("batch-call-mcp");
      expect(await client.listTools()).toHaveLength(selectTools({ isReadOnly: false, hasTestNumbers: false }).length);
      const batchId = await liveOneBatch(client, `Life over stdio, ${kind}`);
      const exported = await client.callTool("export_batch_results", { batch_id: batchId });
      expect(exported).toMatchObject({
        isError: false,
        structured: { rows: 12, path: expect.stringContaining(home.filesDir) },
      });
    } finally {
      await client.close();
    }
  });
});

it("lists only what --read-only and --toolsets leave, and refuses a toolset that there is not", async () => {
  const client = await connectStdio(
    "sdk v2, 2026 era",
    await builtProgram(home, ["--read-only", "--toolsets", "lists,account"]),
  );
  try {
    const names = (await client.listTools()).map(({ name }) => name);
    expect(names).toEqual(["get_list", "list_agents", "list_phone_numbers"]);
  } finally {
    await client.close();
  }
  const refused = run(await builtProgram(home, ["--toolsets", "list"]));
  expect(await refused.exited).toBe(1);
  expect(refused.stderr()).toContain('there is no toolset "list". lists was probably meant.');
});

describe("the program's own manners on stdio", () => {
  const hello = {
    jsonrpc: "2.0",
    id: 1,
    method: "initialize",
    params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "test", version: "1" } },
  };

  it("writes nothing to stdout but its answers, and ends with 0 when its client closes the pipe", async () => {
    const program = run(await builtProgram(home, [], { BATCH_CALL_LOG_LEVEL: "debug" }));
    program.process.stdin?.end(`${JSON.stringify(hello)}\n`);
    expect(await program.exited).toBe(0);
    for (const line of program.stdout().split("\n").filter(Boolean))
      expect(JSON.parse(line)).toMatchObject({ jsonrpc: "2.0", id: 1 });
  });

  it.each(["SIGTERM", "SIGINT"] as const)(
    "ends with 0 on %s, while its client still holds the pipe",
    async (signal) => {
      const program = run(await builtProgram(home, []));
      program.process.stdin?.write(`${JSON.stringify(hello)}\n`);
      await program.answered(/"id":1/);
      program.process.kill(signal);
      expect(await program.exited).toBe(0);
    },
  );
});
