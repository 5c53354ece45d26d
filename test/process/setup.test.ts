import { chmod, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { connectStdio } from "../support/mcp-clients.ts";
import { hasTerminal, onTerminal } from "../support/process/pty.ts";
import { builtProgram, createHome, type Home, type Launchable, root, run } from "../support/process/spawn.ts";

let home: Home;
beforeEach(async () => {
  home = await createHome();
});
afterEach(() => home.remove());

/** As a person starts it in a terminal of theirs: nothing set. */
async function setupProgram(...args: readonly string[]): Promise<Launchable> {
  const program = await builtProgram(home, ["setup", ...args]);
  return { ...program, env: { PATH: process.env.PATH ?? "", HOME: home.path } };
}

async function setup(...args: readonly string[]) {
  const program = run(await setupProgram(...args));
  program.process.stdin?.end();
  return { exitCode: await program.exited, said: program.stdout(), complained: program.stderr() };
}

async function put(path: string, text: string): Promise<string> {
  const whole = join(home.path, path);
  await mkdir(dirname(whole), { recursive: true });
  await writeFile(whole, text);
  return whole;
}

const script = join(root, "bin", "batch-call-mcp.cjs");

describe("setup", () => {
  it.each([
    ["cursor", ".cursor/mcp.json"],
    ["claude-code", ".claude.json"],
    ["claude-desktop", ".config/Claude/claude_desktop_config.json"],
    ["vscode", ".config/Code/User/mcp.json"],
    ["gemini", ".gemini/settings.json"],
    ["windsurf", ".codeium/windsurf/mcp_config.json"],
    ["zed", ".config/zed/settings.json"],
  ])("%s: writes an entry that starts this copy", async (client, path) => {
    expect(await setup(client, "--yes", "--country", "gb")).toMatchObject({
      exitCode: 0,
      said: expect.stringContaining("Written."),
    });
    const file = JSON.parse(await readFile(join(home.path, path), "utf8"));
    const [servers] = Object.values(file) as Record<
      string,
      { command: string; args: string[]; env: Record<string, string> }
    >[];
    const { command, args, env } = servers?.["batch-call"] ?? { command: "", args: [], env: {} };
    expect([command, args, env]).toEqual([process.execPath, [script], { BATCH_CALL_DEFAULT_COUNTRY: "GB" }]);
    if (client === "cursor") {
      const server = await connectStdio("sdk v1", { command, args, cwd: home.path, env: { HOME: home.path, ...env } });
      expect((await server.listTools()).length).toBeGreaterThan(10);
      await server.close();
    }
    expect(await setup(client, "--yes")).toMatchObject({
      exitCode: 0,
      said: expect.stringContaining("has this entry already"),
    });
  });

  it("names the data directory in the entry where it is not the one that a user has without settings", async () => {
    const other = join(home.path, "other");
    expect((await setup("cursor", "--yes", "--data-dir", other)).exitCode).toBe(0);
    const program = await setupProgram("windsurf", "--yes");
    expect(await run({ ...program, env: { ...program.env, XDG_DATA_HOME: other } }).exited).toBe(0);
    const envs = [".cursor/mcp.json", ".codeium/windsurf/mcp_config.json"].map(async (path) => {
      const { mcpServers } = JSON.parse(await readFile(join(home.path, path), "utf8"));
      return mcpServers["batch-call"].env;
    });
    expect(await Promise.all(envs)).toEqual([
      { BATCH_CALL_DATA_DIR: other },
      { BATCH_CALL_DATA_DIR: join(other, "batch-call-mcp") },
    ]);
  });

  it("codex: writes TOML behind what is there", async () => {
    const path = await put(".codex/config.toml", '# mine\nmodel = "x"\n');
    expect((await setup("codex", "--yes")).exitCode).toBe(0);
    expect(await readFile(path, "utf8")).toBe(
      `# mine\nmodel = "x"\n\n[mcp_servers.batch-call]\ncommand = "${process.execPath}"\nargs = ["${script}"]\n`,
    );
  });

  it("keeps the old file beside the new one, its rights and a link to it, and shows no other server's key", async () => {
    const real = await put(
      "dotfiles/mcp.json",
      '{\n  "mcpServers": {\n    "other": { "env": { "X_API_KEY": "sk-neighbour" } }\n  }\n}\n',
    );
    await chmod(real, 0o640);
    await mkdir(join(home.path, ".cursor"));
    await symlink(real, join(home.path, ".cursor/mcp.json"));
    const before = await readFile(real, "utf8");
    const { exitCode, said } = await setup("cursor", "--yes");
    expect([exitCode, said]).toEqual([0, expect.stringContaining('"X_API_KEY": "…"')]);
    expect(said).not.toContain("sk-neighbour");
    expect((await lstat(join(home.path, ".cursor/mcp.json"))).isSymbolicLink()).toBe(true);
    expect((await stat(real)).mode & 0o777).toBe(0o640);
    expect(JSON.parse(await readFile(real, "utf8")).mcpServers.other.env.X_API_KEY).toBe("sk-neighbour");
    const names = await readdir(dirname(real));
    expect(names).toEqual([
      expect.stringMatching(/^mcp\.json$/),
      expect.stringMatching(/^mcp\.json\.before-batch-call-\d{8}T\d{6}$/),
    ]);
    expect(await readFile(join(dirname(real), names[1] ?? ""), "utf8")).toBe(before);
  });

  it("writes nothing for --dry-run, without an answer, and into a file that it cannot read, and says where that is wrong", async () => {
    const path = await put(".cursor/mcp.json", '{\n  "mcpServers": {\n}\n');
    const broken = await setup("cursor", "--yes");
    expect([broken.exitCode, broken.complained]).toEqual([
      1,
      expect.stringContaining(`${path}: it is no JSON that the client can read`),
    ]);
    expect(broken.complained).toMatch(/at line 4, column 1\. Nothing was changed\./);
    await writeFile(path, '{ // mine\n  "mcpServers": {}\n}\n');
    const commented = await setup("cursor", "--yes", "--country", "US");
    expect([commented.exitCode, commented.complained]).toEqual([
      1,
      expect.stringMatching(/has a comment at line 1, column 3, which this client is not known to read/),
    ]);
    expect(commented.complained).toContain(`By hand, into "mcpServers" of ${path}:\n"batch-call": {\n  "command": `);
    expect(commented.complained).toContain('"BATCH_CALL_DEFAULT_COUNTRY": "US"');
    await writeFile(path, "{}");
    expect(await setup("cursor", "--dry-run")).toMatchObject({
      exitCode: 0,
      said: expect.stringContaining('+   "mcpServers"'),
    });
    expect(await setup("cursor")).toMatchObject({ exitCode: 1, complained: expect.stringContaining("Add --yes") });
    expect(await readFile(path, "utf8")).toBe("{}");
    expect(await readdir(dirname(path))).toEqual(["mcp.json"]);
  });

  it("lists the clients that are here, with what they run, and the next line to type", async () => {
    await put(
      ".cursor/mcp.json",
      '{"mcpServers":{"batch-call":{"command":"npx","args":["-y","batch-call-mcp@0.0.1"]}}}',
    );
    await put(".gemini/settings.json", "{");
    const { exitCode, said } = await setup();
    expect(exitCode).toBe(0);
    expect(said).toMatch(/^cursor +\S+mcp\.json: runs npx -y batch-call-mcp@0\.0\.1$/m);
    expect(said).toMatch(/^gemini .*no JSON that the client can read/m);
    expect(said).toMatch(/^Not found: claude-code, claude-desktop, vscode, codex, windsurf, zed, n8n\.$/m);
    expect(said).toContain(`setup cursor, which shows what it would write`);
  });

  it("names the nearest client, and says what to do for one without a file", async () => {
    expect((await setup("curser")).complained).toMatch(/no client "curser"\. The nearest is: .* setup cursor/);
    expect((await setup("Claude Desktop", "--dry-run")).exitCode).toBe(0);
    expect((await setup("n8n")).said).toContain("HTTP Streamable");
    expect((await setup("cursor", "--yes", "--country", "Germany")).complained).toContain("two-letter country code");
  });

  it.runIf(hasTerminal)("asks a person at a terminal, and takes no for an answer", async () => {
    const path = join(home.path, ".cursor/mcp.json");
    for (const [answer, exitCode] of [
      ["no", 1],
      ["yes", 0],
    ] as const) {
      const program = run(onTerminal(await setupProgram("cursor")));
      await program.answered(/Write this\? \(yes or no\)/);
      program.process.stdin?.write(`${answer}\n`);
      expect(await program.exited).toBe(exitCode);
    }
    expect(JSON.parse(await readFile(path, "utf8")).mcpServers["batch-call"].args).toEqual([script]);
  });
});

describe("what a command prints", () => {
  it.each([["doctor"], ["setup"], ["--help"]])("%s: ends quietly when nobody reads it", async (...args) => {
    const program = await builtProgram(home, args);
    const running = run({ ...program, env: { PATH: process.env.PATH ?? "", HOME: home.path } });
    running.process.stdout?.destroy();
    running.process.stdin?.end();
    expect([await running.exited, running.stderr()]).toEqual([0, ""]);
  });
});
