import { execFile } from "node:child_process";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { getMcpConfigForManifest, type McpbManifestAny, unpackExtension, validateManifest } from "@anthropic-ai/mcpb";
import { afterAll, beforeAll, expect, it } from "vitest";
import { settingRows } from "../../src/config/setting-rows.ts";
import { connectStdio } from "../support/mcp-clients.ts";
import { createHome, type Home, type Launchable, root, run } from "../support/process/spawn.ts";

// The bundle as a host unpacks it and fills its settings in, which the format's own tool does here.

let home: Home;
let folder: string;
let manifest: McpbManifestAny;
beforeAll(async () => {
  home = await createHome();
  folder = join(home.path, "unpacked");
  await promisify(execFile)(process.execPath, [join(root, "build/scripts/mcpb.js")]).catch((cause: unknown) => {
    throw new Error("the bundle cannot be made: run `npm run build` and `npm run build:dev` before the process tests", {
      cause,
    });
  });
  const mcpbPath = join(root, "build/batch-call-mcp.mcpb");
  expect(await unpackExtension({ mcpbPath, outputDir: folder, silent: true })).toBe(true);
  await mkdir(join(home.path, "lent"));
  await symlink(join(root, "node_modules/@photostructure"), join(home.path, "lent/@photostructure"));
  manifest = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8"));
}, 120_000);
afterAll(() => home.remove());

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const hasOwnSqlite = major > 22 || (major === 22 && minor >= 13);

/** What a host starts for these settings. On an older Node the bundle's own check of it is passed by, and the driver is lent from outside. */
async function started(userConfig: Record<string, string>): Promise<Launchable> {
  const config = await getMcpConfigForManifest({
    manifest,
    extensionPath: folder,
    systemDirs: { HOME: home.path },
    userConfig,
    pathSeparator: "/",
  });
  const { command, args = [], env = {} } = config ?? { command: "" };
  expect(command).toBe("node");
  const own = { PATH: process.env.PATH ?? "", HOME: home.path, BATCH_CALL_DATA_DIR: home.dataDir, ...env };
  if (hasOwnSqlite) return { command: process.execPath, args: [...args], cwd: home.path, env: own };
  const entry = args.map((arg) => arg.replace(/batch-call-mcp\.cjs$/, "start.cjs"));
  return {
    command: process.execPath,
    args: entry,
    cwd: home.path,
    env: { ...own, NODE_PATH: join(home.path, "lent") },
  };
}

it("has a manifest that the format's tool takes, which asks for keys as secrets and for the folder as one", () => {
  expect(validateManifest(folder)).toBe(true);
  const { user_config: asked = {} } = manifest;
  expect(Object.keys(asked)).toHaveLength(settingRows.filter((row) => row.asked).length);
  expect(asked).toMatchObject({
    api_key: { type: "string", sensitive: true },
    api_secret: { type: "string", sensitive: true },
    files_dir: { type: "directory" },
    default_country: { type: "string" },
  });
  for (const each of Object.values(asked)) expect(each.required).toBe(false);
});

it("is simulated with every field left blank, as a placeholder or as nothing, and leads a list to a preview with holidays", async () => {
  const blank = Object.fromEntries(Object.keys(manifest.user_config ?? {}).map((key) => [key, ""]));
  for (const userConfig of [{}, blank]) {
    const program = await started(userConfig);
    expect(program.env["BATCH_CALL_API_KEY"]).toMatch("api_key" in userConfig ? /^$/ : /^\$\{user_config\.api_key\}$/);
    const client = await connectStdio("sdk v1", program);
    try {
      expect((await client.listTools()).length).toBeGreaterThan(10);
      const [agents, numbers] = [
        await client.callTool("list_agents", {}),
        await client.callTool("list_phone_numbers", {}),
      ];
      const { agents: known } = agents.structured as { agents: { agent_id: string }[] };
      const { phone_numbers: own } = numbers.structured as { phone_numbers: { phone_number: string }[] };
      const preview = await client.callTool("preview_batch_call", {
        name: "From the bundle",
        agent_id: known[0]?.agent_id,
        from_number: own[0]?.phone_number,
        tasks_file: "contacts.csv",
        quiet_hours: { enabled: true, start_time: "21:00", end_time: "08:00", holidays: true },
      });
      expect(preview.text).not.toContain("internal");
      expect([preview.isError, preview.structured["rows"]]).toEqual([false, expect.objectContaining({ input: 30 })]);
      expect(await client.readResource("ui://batches/campaign")).toContain("<!doctype html>");
    } finally {
      await client.close();
    }
  }
});

it("takes the settings that were filled in, and says in one line what is wrong with a bad one", async () => {
  await mkdir(join(home.path, "my lists"));
  await writeFile(join(home.path, "my lists", "june.csv"), "phone\n+12025550101\n");
  const client = await connectStdio("sdk v1", await started({ files_dir: "~/my lists", default_country: "GB" }));
  const refused = await client.callTool("preview_batch_call", {
    name: "x",
    agent_id: "x",
    from_number: "x",
    tasks_file: "none.csv",
  });
  await client.close();
  expect(refused.text).toContain('"june.csv"');
  const relative = run(await started({ files_dir: "lists" }));
  relative.process.stdin?.end();
  expect([await relative.exited, relative.stderr()]).toEqual([2, expect.stringContaining("is a relative path")]);
});

it.runIf(!hasOwnSqlite)("says which Node it needs where Node has no SQLite in it", async () => {
  const program = run({ ...(await started({})), args: [join(folder, "bin/batch-call-mcp.cjs")] });
  expect([await program.exited, program.stderr()]).toEqual([1, expect.stringContaining("needs Node 22.13.0 or newer")]);
});
