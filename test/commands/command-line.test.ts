import { describe, expect, it } from "vitest";
import { parseCommandLine } from "../../src/commands/command-line.ts";
import { commands, isCommand } from "../../src/commands/commands.ts";
import { commandHelpText, helpText } from "../../src/commands/help.ts";

/** What the command would be given, with the flags as a list. */
function given(...argv: string[]) {
  const line = parseCommandLine(argv);
  if (line.kind !== "run") return line;
  const { flags, options, ...rest } = line.given;
  return {
    command: line.command,
    ...rest,
    flags: [...flags],
    ...(Object.keys(options).length > 0 && { options }),
  };
}

describe("the command line", () => {
  it.each<[argv: string[], expected: object]>([
    [[], { command: "stdio", flags: [] }],
    [["http"], { command: "http", flags: [] }],
    [["approve"], { command: "approve", flags: [] }],
    [["approve", "batch_1"], { command: "approve", argument: "batch_1", flags: [] }],
    [["audit", "--json"], { command: "audit", flags: ["json"] }],
    [["token", "list"], { command: "token", argument: "list", flags: [] }],
    [
      ["token", "add", "ana", "--scopes", "read,approve"],
      { command: "token", argument: "add", second: "ana", options: { scopes: "read,approve" }, flags: [] },
    ],
    [["stop-all"], { command: "stop-all", flags: [] }],
    [["stop-all", "--release"], { command: "stop-all", flags: ["release"] }],
    [["--release", "stop-all"], { command: "stop-all", flags: ["release"] }],
    [
      ["check-bridge", "https://b.example.com", "--to", "+12015550101", "--from=+12015550102", "--agent", "a", "--yes"],
      {
        command: "check-bridge",
        argument: "https://b.example.com",
        flags: ["yes"],
        options: { to: "+12015550101", from: "+12015550102", agent: "a" },
      },
    ],
    [
      ["check-provider", "retell", "--from=+12015550102", "--agent", "a", "--stop"],
      {
        command: "check-provider",
        argument: "retell",
        flags: ["stop"],
        options: { from: "+12015550102", agent: "a" },
      },
    ],
    [["--read-only"], { command: "stdio", flags: ["read-only"] }],
    [["--toolsets", "lists,results"], { command: "stdio", flags: [], options: { toolsets: "lists,results" } }],
    [["http", "--toolsets=lists"], { command: "http", flags: [], options: { toolsets: "lists" } }],
    [["--toolsets", "lists", "http"], { command: "http", flags: [], options: { toolsets: "lists" } }],
    [["--help"], { kind: "help" }],
    [["audit", "-h"], { kind: "help", command: "audit" }],
    [["check-provider", "twilio", "--help"], { kind: "help", command: "check-provider", argument: "twilio" }],
    [["check-provider", "--help", "--from", "x"], { kind: "help", command: "check-provider" }],
    [["-v"], { kind: "version" }],
  ])("%j is understood", (argv, expected) => {
    expect(given(...argv)).toEqual(expected);
  });

  it("takes the data directory with every command, as the texts that name a command give it", () => {
    for (const command of ["approve", "stop-all", "doctor"]) {
      const line = parseCommandLine([command, "--data-dir", "/srv/my calls"]);
      expect(line).toMatchObject({ kind: "run", command, dataDir: "/srv/my calls", given: { options: {} } });
    }
    expect(parseCommandLine(["--data-dir", "/srv", "audit"])).toMatchObject({ command: "audit", dataDir: "/srv" });
  });

  it.each([
    [["serve"], 'no command "serve"'],
    [["toString"], 'no command "toString"'],
    [["http", "3000"], '"3000" is one argument too many'],
    [["approve", "batch_1", "batch_2"], '"batch_2" is one argument too many'],
    [["stop-all", "now"], '"now" is one argument too many'],
    [["check-bridge", "--from", "+12015550102", "--agent", "a"], "check-bridge needs --to (number of the phone beside"],
    [["check-bridge", "--to", "+12015550101", "--from", "", "--agent", "a"], "check-bridge needs --from"],
    [["check-bridge", "--to"], "--to"],
    [["--toolsets"], "--toolsets"],
    [["audit", "--read-only"], "Unknown option '--read-only'"],
    [["stop-all", "--to", "+12015550101"], "Unknown option '--to'"],
    [["approve", "--json"], "Unknown option '--json'"],
    [["--release"], "Unknown option '--release'"],
    [["stop-all", "--released"], "Unknown option '--released'"],
    [["stop-all", "--release=no"], "--release"],
  ])("%j is refused", (argv, words) => {
    expect(given(...argv)).toMatchObject({ kind: "error", error: expect.stringContaining(words) });
  });
});

it.each([
  [["serivce"], "The nearest is: batch-call-mcp service"],
  [["stopall"], "The nearest is: batch-call-mcp stop-all"],
  [["frobnicate"], "--help lists them."],
  [["stop-all", "--relase"], "The nearest is --release."],
  [["approve", "--datadir", "/srv"], "The nearest is --data-dir."],
  [["audit", "--frobnicate"], "It takes --json, --organization, --data-dir, --help, --version."],
])("%j is answered with one line and the nearest that is right", (argv, words) => {
  const line = parseCommandLine(argv);
  expect(line).toMatchObject({ kind: "error", error: expect.stringContaining(words) });
  expect(line.kind === "error" && line.error).not.toContain("\n");
});

it("the help names every command with what it takes", () => {
  for (const name of Object.keys(commands)) expect(helpText()).toContain(`  ${name}`);
  expect(helpText()).toContain("approve [batch]");
  expect(helpText()).toContain("--release");
});

describe("the help of one command", () => {
  it.each(Object.keys(commands).filter(isCommand))("%s tells its own options and no other's", async (name) => {
    const text = await commandHelpText(name);
    const { flags = {}, options = {}, optional = {} } = commands[name];
    for (const option of Object.keys({ ...flags, ...options, ...optional })) expect(text).toContain(`--${option}`);
    expect(text.split("\n")[0]).toContain(`batch-call-mcp ${name}`);
    expect(text).not.toContain("BATCH_CALL_PURGE");
    expect(text.split("\n").length).toBeLessThan(helpText().split("\n").length);
  });

  it("of check-provider says what is asked, and the six questions of the platform that is named", async () => {
    const text = await commandHelpText("check-provider", "twilio");
    expect(text).toContain("type the number once more");
    expect(text.match(/^ {2}\d\. /gm)).toHaveLength(6);
    expect(text).toMatch(
      /2\. What a call above the account's calls at a time is.*\n {5}not measured, it takes more calls than one/,
    );
    expect(text).not.toContain("retell.md");
    expect(await commandHelpText("check-provider")).toContain("retell.md");
  });
});
