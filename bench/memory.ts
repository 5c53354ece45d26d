import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { residentMbOf } from "./resident.ts";
import { StdioChild } from "./stdio-child.ts";

/** Memory of the stdio server with its self-started service, idle and after 1,000 tool calls; size of tools/list. */
export async function benchMemory(): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), "batch-call-bench-"));
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const child = new StdioChild([join(root, "bin", "batch-call-mcp.cjs")], {
    BATCH_CALL_DATA_DIR: home,
    BATCH_CALL_LOG_LEVEL: "warn",
  });
  try {
    await child.initialize();
    const { tools } = await child.request("tools/list", {});
    console.log(`tools/list: ${Buffer.byteLength(JSON.stringify({ tools }))} bytes`);
    await child.request("tools/call", { name: "list_agents", arguments: {} });
    console.log(`idle, service started: ${(await residentMbOf(child.pid)).toFixed(0)} MB`);
    for (let call = 0; call < 1000; call++)
      await child.request("tools/call", { name: call % 2 ? "list_batches" : "list_agents", arguments: {} });
    console.log(`after 1,000 calls: ${(await residentMbOf(child.pid)).toFixed(0)} MB`);
  } finally {
    await child.close();
    await rm(home, { recursive: true, force: true });
  }
}
