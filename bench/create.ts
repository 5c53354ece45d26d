import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { median } from "./median.ts";
import { StdioChild } from "./stdio-child.ts";
import { startStubApi, stubAgentId, stubCallerId } from "./stub-api.ts";

const rounds = 30;
const warmUp = 5;

// 100 callable fictional numbers (555-0100 to 555-0199) in each of these US area codes.
const areaCodes = ["202", "212", "213", "303", "305", "312", "404", "415", "512", "617"];

/** A list of 1,000 with five variables each; the salt makes every list another content. */
export function makeTasks(salt: string) {
  return areaCodes.flatMap((area) =>
    Array.from({ length: 100 }, (_, index) => ({
      to_number: `+1${area}55501${String(index).padStart(2, "0")}`,
      dynamic_variables: {
        first_name: `Name ${index}`,
        order_id: `${salt}-${area}-${index}`,
        city: "Springfield",
        day: "Tuesday",
        slot: "10:30",
      },
    })),
  );
}

function makeCall(salt: string) {
  return {
    name: "create_batch_call",
    arguments: { name: `Bench ${salt}`, agent_id: stubAgentId, from_number: stubCallerId, tasks: makeTasks(salt) },
  };
}

async function timeCall(child: StdioChild, salt: string): Promise<number> {
  const call = makeCall(salt);
  const startedAt = performance.now();
  await child.request("tools/call", call);
  return performance.now() - startedAt;
}

/** create_batch_call of 1,000 tasks over stdio against a loopback stub, beside the same work written flat. */
export async function benchCreate(): Promise<void> {
  const stub = await startStubApi();
  const home = await mkdtemp(join(tmpdir(), "batch-call-bench-"));
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const ours = new StdioChild([join(root, "bin", "batch-call-mcp.cjs")], {
    BATCH_CALL_API_URL: stub.url,
    BATCH_CALL_API_KEY: "sk_bench",
    BATCH_CALL_API_SECRET: "s3cr3t_bench",
    BATCH_CALL_DATA_DIR: home,
    BATCH_CALL_LOG_LEVEL: "warn",
  });
  const flat = new StdioChild([fileURLToPath(new URL("./flat-server.js", import.meta.url))], { STUB_URL: stub.url });
  try {
    await Promise.all([ours.initialize(), flat.initialize()]);
    const times = { ours: [] as number[], flat: [] as number[], ratio: [] as number[] };
    for (let round = 0; round < rounds + warmUp; round++) {
      const flatMs = await timeCall(flat, `flat-${round}`);
      const oursMs = await timeCall(ours, `ours-${round}`);
      if (round === 0) console.log(`first call: ours ${oursMs.toFixed(1)} ms, flat ${flatMs.toFixed(1)} ms`);
      if (round < warmUp) continue;
      times.flat.push(flatMs);
      times.ours.push(oursMs);
      times.ratio.push(oursMs / flatMs);
    }
    console.log(
      `create_batch_call, 1,000 tasks, ${rounds} rounds: ours ${median(times.ours).toFixed(1)} ms, flat ${median(times.flat).toFixed(1)} ms (medians)`,
    );
    console.log(`ratio (median of the rounds' ratios): ${median(times.ratio).toFixed(2)}; aim 1.5`);
  } finally {
    await Promise.all([ours.close(), flat.close()]);
    stub.close();
    await rm(home, { recursive: true, force: true });
  }
}
