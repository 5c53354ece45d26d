import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { residentMb } from "./linux-process.ts";
import { StdioChild } from "./stdio-child.ts";

const calls = 10_000;
/** By then everything has started that starts by itself. */
const settledMs = 5000;

/** Memory of the stdio server with its self-started service, once it has started and after 10,000 tool calls; size of tools/list. */
export async function benchMemory(): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), "batch-call-bench-"));
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const start = () =>
    new StdioChild([join(root, "bin", "batch-call-mcp.cjs")], {
      HOME: home,
      BATCH_CALL_DATA_DIR: join(home, "data"),
      BATCH_CALL_LOG_LEVEL: "warn",
    });
  try {
    // A first start compiles; what is measured is a start as they are from then on.
    for (const isFirst of [true, false]) {
      const child = start();
      try {
        await child.initialize();
        const { tools } = await child.request("tools/list", {});
        await wait(settledMs);
        if (!isFirst) await measure(child, tools);
      } finally {
        await child.close();
      }
    }
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function measure(child: StdioChild, tools: unknown): Promise<void> {
  const memory = async () => `${(await residentMb(child.pid)).toFixed(0)} MB`;
  console.log(`tools/list: ${Buffer.byteLength(JSON.stringify({ tools }))} bytes`);
  console.log(`started, service running: ${await memory()}`);
  for (let call = 0; call < calls; call++) {
    await child.request("tools/call", { name: call % 2 ? "list_batches" : "list_agents", arguments: {} });
    if (call + 1 === 1 || call + 1 === 1000)
      console.log(`after ${(call + 1).toLocaleString("en")} calls: ${await memory()}`);
  }
  console.log(`after ${calls.toLocaleString("en")} calls: ${await memory()}`);
}
