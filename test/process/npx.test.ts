import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { connectStdio } from "../support/mcp-clients.ts";
import { createHome, type Home, type Launchable, root, run } from "../support/process/spawn.ts";

// The package as `npm pack` makes it, in an otherwise empty folder, run by npx. The registry is not asked: the libraries that
// package-lock.json has for use are lent from here, and no others.

let home: Home;
let folder: string;
beforeAll(async () => {
  home = await createHome();
  folder = join(home.path, "empty");
  const modules = join(folder, "node_modules");
  await mkdir(join(modules, ".bin"), { recursive: true });
  const told = execFileSync(
    "npm",
    ["pack", "--json", "--ignore-scripts", "--offline", "--pack-destination", home.path],
    { cwd: root, encoding: "utf8" },
  );
  const [packed] = z.array(z.object({ filename: z.string() })).parse(JSON.parse(told));
  execFileSync("tar", ["-xzf", join(home.path, packed?.filename ?? ""), "-C", modules]);
  await symlink(join(modules, "package"), join(modules, "batch-call-mcp"));
  await symlink("../batch-call-mcp/bin/batch-call-mcp.cjs", join(modules, ".bin/batch-call-mcp"));
  const lock = z
    .object({
      packages: z.record(
        z.string(),
        z.object({ dev: z.boolean().optional(), optional: z.boolean().optional() }).loose(),
      ),
    })
    .parse(JSON.parse(await readFile(join(root, "package-lock.json"), "utf8")));
  for (const [path, { dev }] of Object.entries(lock.packages)) {
    if (dev || !/^node_modules\/(@[^/]+\/)?[^/]+$/.test(path)) continue;
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await symlink(join(root, path), join(folder, path));
  }
}, 60_000);
afterAll(() => home.remove());

function npx(...args: readonly string[]): Launchable {
  const env = {
    PATH: process.env.PATH ?? "",
    HOME: home.path,
    npm_config_offline: "true",
    npm_config_update_notifier: "false",
  };
  return { command: "npx", args: ["--no", "batch-call-mcp", ...args], cwd: folder, env };
}

async function said(program: Launchable): Promise<readonly [number | null, string, string]> {
  const running = run(program);
  running.process.stdin?.end();
  return [await running.exited, running.stdout(), running.stderr()];
}

describe("npx in a folder with nothing but the package", () => {
  it("explains a first run: what works, that nobody is rung, a list to try and the one next step", async () => {
    const [exitCode, text] = await said(npx("doctor"));
    expect([exitCode, text]).toEqual([0, expect.stringContaining("Everything works.")]);
    const lists = join(home.path, "Documents", "Batch Calls");
    expect(text).toContain("Calls are simulated: nobody's phone rings, and no account is needed.");
    expect(text).toContain(`A list to try it with: contacts.csv, in ${lists}.`);
    expect(await readdir(lists)).toEqual(["contacts.csv"]);
    expect(text.trimEnd().split("\n").at(-1)).toMatch(
      /^Next: .*batch-call-mcp(\.cjs)? setup once a client is installed; until then, .* rehearse runs that list/,
    );
  });

  it("names the client that is here, and then what to say to it", async () => {
    await mkdir(join(home.path, ".cursor"));
    expect((await said(npx("doctor")))[1]).toMatch(/^Next: .* setup cursor, which puts this server into Cursor/m);
    expect((await said(npx("setup", "cursor", "--yes")))[0]).toBe(0);
    expect((await said(npx("doctor")))[1]).toMatch(
      /^Next: say to Cursor, for example: Preview a call to everybody in contacts\.csv\.$/m,
    );
    const { mcpServers } = JSON.parse(await readFile(join(home.path, ".cursor/mcp.json"), "utf8"));
    const { command, args } = mcpServers["batch-call"];
    const client = await connectStdio("sdk v1", {
      command,
      args,
      cwd: home.path,
      env: { PATH: "/nowhere", HOME: home.path },
    });
    expect((await client.listTools()).length).toBeGreaterThan(10);
    await client.close();
  });

  it("names the list of the package where the folder has lost it, and where to copy it", async () => {
    await rm(join(home.path, "Documents", "Batch Calls", "contacts.csv"));
    const [, text] = await said(npx("doctor"));
    const [, path = ""] =
      /^A list to try it with: (\S+)\. Copy it to .*Batch Calls, from where clients read lists\.$/m.exec(text) ?? [];
    expect(await readFile(path, "utf8")).toContain("Phone");
    expect((await said(npx("rehearse", path)))[0]).toBe(0);
  });

  it("says what to do next where something is wrong", async () => {
    await writeFile(join(home.path, "file"), "");
    const program = npx("doctor");
    const [exitCode, text] = await said({
      ...program,
      env: { ...program.env, BATCH_CALL_FILES_DIR: join(home.path, "file") },
    });
    expect([exitCode, text]).toEqual([
      1,
      expect.stringMatching(/^1 thing is wrong\.\nNext: mend what is WRONG above/m),
    ]);
  });

  it("speaks MCP over stdio", async () => {
    const client = await connectStdio("sdk v1", npx());
    expect(client.serverName).toBe("batch-call-mcp");
    expect((await client.readResource("ui://batches/campaign")).length).toBeGreaterThan(10_000);
    await client.close();
  });
});
