import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { packageVersion } from "../../src/lib/version.ts";
import { clients, jsonEntry } from "../../src/setup/clients.ts";
import { npmEntry } from "../../src/setup/entry.ts";
import { type InstallText, installTexts, readmeTexts } from "../support/install-texts.ts";
import { connectHttp, connectStdio } from "../support/mcp-clients.ts";
import { builtProgram, createHome, type Home, root, run } from "../support/process/spawn.ts";

// What a person pastes, decoded as the client decodes it, and run in a home with nothing in it. `npx` asks the registry, which tests
// do not: this build takes the place of the package that it would fetch.

let home: Home;
beforeEach(async () => {
  home = await createHome();
});
afterEach(() => home.remove());

const texts = await installTexts();
const ofPackage = [`-y`, `batch-call-mcp@${packageVersion}`];

/** The words after those that fetch the package. */
function restOf({ start: { command, args } }: InstallText): readonly string[] {
  const words = [command, ...args];
  const fetching = words[0] === "cmd" ? ["cmd", "/c", "npx", ...ofPackage] : ["npx", ...ofPackage];
  expect(words.slice(0, fetching.length)).toEqual(fetching);
  return words.slice(fetching.length);
}

describe("the install texts", () => {
  it("are there for every client of the table, in each form that it has", () => {
    for (const { name, config, toCommand, toLink, isHttpOnly } of clients) {
      const kinds = texts.filter(({ client }) => client === name).map(({ kind }) => kind);
      const wanted = [
        ...(toLink ? ["link"] : []),
        ...(toCommand ? ["line"] : []),
        ...(config ? [config.format.kind] : []),
      ];
      expect([name, kinds.toSorted()]).toEqual([name, isHttpOnly ? [] : wanted.toSorted()]);
    }
    expect(texts.filter(({ client }) => client === "Windows")).toHaveLength(1);
  });

  it("of the README are among those of the page", async () => {
    const short = await readmeTexts();
    expect(short.map(({ client, kind }) => `${client} ${kind}`)).toEqual([
      "Claude Code line",
      "Cursor link",
      "VS Code line",
      "VS Code link",
      "Codex line",
      "Gemini CLI line",
    ]);
    for (const text of short) expect(texts).toContainEqual(text);
  });

  it.each(texts.map((text) => [text.client, text.kind, text] as const))(
    "%s, %s: starts the server",
    async (_client, _kind, text) => {
      const program = await builtProgram(home, restOf(text));
      // Nothing but what a client with a window hands on: the data directory is the one that a user has without settings.
      const client = await connectStdio("sdk v1", {
        ...program,
        env: { PATH: process.env.PATH ?? "", HOME: home.path },
      });
      try {
        expect(client.serverName).toBe("batch-call-mcp");
        expect((await client.listTools()).map(({ name }) => name)).toContain("preview_batch_call");
      } finally {
        await client.close();
      }
    },
  );

  it("n8n, HTTP: the endpoint and the token that it names", async () => {
    const { next } = clients.find(({ id }) => id === "n8n") ?? { next: "" };
    expect(next).toContain("http://127.0.0.1:3000/mcp");
    const token = "a-token-of-at-least-16-characters";
    const program = run(
      await builtProgram(home, ["http"], { BATCH_CALL_HTTP_PORT: "0", BATCH_CALL_HTTP_TOKEN: token }),
    );
    try {
      const [url] = await program.answered(/http:\/\/127\.0\.0\.1:\d+\/mcp/);
      const client = await connectHttp("sdk v1", url, token);
      expect((await client.listTools()).length).toBeGreaterThan(10);
      await client.close();
    } finally {
      await program.stop();
    }
  });

  it("the entries over HTTP are JSON with the endpoint of `http`", async () => {
    const page = await readFile(join(root, "docs/install.md"), "utf8");
    const entries = [...page.matchAll(/`(\{ [^`]*"url"[^`]*\})`/g)].map(([, text = ""]) => JSON.parse(text));
    const endpoint = "http://127.0.0.1:3000/mcp";
    expect(entries).toEqual([
      { mcpServers: { "batch-call": { url: endpoint } } },
      { servers: { "batch-call": { type: "http", url: endpoint } } },
    ]);
    expect(page).toContain(`\`claude mcp add --transport http batch-call ${endpoint}\``);
  });

  it("mcp.json of this folder starts the clone", async () => {
    const { mcpServers } = JSON.parse(await readFile(join(root, "mcp.json"), "utf8"));
    const { args } = mcpServers["batch-call"];
    expect(jsonEntry(npmEntry("1", "linux"), { namesType: true })["type"]).toBe(mcpServers["batch-call"].type);
    const program = await builtProgram(home, []);
    const client = await connectStdio("sdk v1", { ...program, cwd: root, args });
    expect((await client.listTools()).length).toBeGreaterThan(10);
    await client.close();
  });
});
