import { access, cp, mkdir, readFile, symlink } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { connectHttp } from "../support/mcp-clients.ts";
import { createHome, type Home, type Launchable, root, run } from "../support/process/spawn.ts";

// There is no Docker where the tests run: what the Dockerfile says is read, its last stage is laid out in a folder, and its own commands run there.

const dockerfile = (await readFile(join(root, "Dockerfile"), "utf8")).split("\n");
const words = z.array(z.string());

let home: Home;
beforeEach(async () => {
  home = await createHome();
});
afterEach(() => home.remove());

function linesOf(instruction: string): readonly string[] {
  return dockerfile
    .filter((line) => line.startsWith(`${instruction} `))
    .map((line) => line.slice(instruction.length + 1));
}

type Copy = { readonly from?: string; readonly sources: readonly string[]; readonly to: string };

function toCopy(line: string): Copy {
  const [, from, rest = ""] = /^(?:--from=(\S+) )?(.*)$/.exec(line) ?? [];
  const parts = rest.split(" ");
  return { sources: parts.slice(0, -1), to: parts.at(-1) ?? "", ...(from !== undefined && { from }) };
}

/** The last stage as a folder: what it copies, and what the stages before it made, from here. */
async function layOut(): Promise<string> {
  const app = join(home.path, "app");
  await mkdir(app);
  const last = dockerfile.slice(dockerfile.findLastIndex((line) => line.startsWith("FROM ")));
  for (const { sources, to } of last.filter((line) => line.startsWith("COPY ")).map((line) => toCopy(line.slice(5))))
    for (const source of sources) {
      const path = source.replace(/^\/app\//, "");
      const target = to === "./" ? join(app, path) : join(app, to);
      await cp(join(root, path), target, { recursive: true });
    }
  // The image's Node has SQLite in it; an older one, which may run this, borrows what it needs for it.
  const lent = join(app, "node_modules", "@photostructure");
  await mkdir(join(lent, ".."));
  await symlink(join(root, "node_modules", "@photostructure"), lent);
  return app;
}

async function command(instruction: string, settings: Record<string, string>, cwd: string): Promise<Launchable> {
  const env = Object.fromEntries(
    linesOf("ENV")
      .flatMap((line) => line.split(" "))
      .map((pair) => pair.split("=") as [string, string]),
  );
  const own = {
    BATCH_CALL_DATA_DIR: home.dataDir,
    BATCH_CALL_FILES_DIR: home.filesDir,
    BATCH_CALL_HTTP_HOST: "127.0.0.1",
  };
  const text = linesOf(instruction)[0] ?? "";
  const [, ...args] = words.parse(JSON.parse(text.slice(text.indexOf("["))));
  const more = instruction === "ENTRYPOINT" ? words.parse(JSON.parse(linesOf("CMD")[0] ?? "[]")) : [];
  return {
    command: process.execPath,
    args: [...args, ...more],
    cwd,
    env: { PATH: process.env.PATH ?? "", HOME: home.path, ...env, ...own, ...settings },
  };
}

async function freePort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return String(typeof address === "object" ? address?.port : address);
}

describe("the Dockerfile", () => {
  it("copies what there is, and .dockerignore lets all of it in and nothing else", async () => {
    const ignore = (await readFile(join(root, ".dockerignore"), "utf8"))
      .split("\n")
      .filter((line) => line && !line.startsWith("#"));
    const copied = linesOf("COPY")
      .map(toCopy)
      .filter(({ from }) => from === undefined)
      .flatMap(({ sources }) => sources);
    for (const source of copied) await expect(access(join(root, source)), source).resolves.toBeUndefined();
    expect(ignore[0]).toBe("*");
    expect(
      ignore
        .slice(1)
        .map((line) => line.slice(1))
        .toSorted(),
    ).toEqual([...new Set(copied)].toSorted());
  });

  it("installs without scripts, takes none of what it installed into the image, and ends as a user without rights", () => {
    expect(linesOf("RUN").filter((line) => line.startsWith("npm ci"))).toEqual(["npm ci --ignore-scripts"]);
    expect(linesOf("COPY").filter((line) => line.includes("node_modules"))).toEqual([]);
    expect(linesOf("USER")).toEqual(["node"]);
    expect(dockerfile.findIndex((line) => line.startsWith("USER "))).toBeLessThan(
      dockerfile.findIndex((line) => line.startsWith("ENTRYPOINT ")),
    );
    expect(linesOf("FROM").map((line) => line.split(" ")[0])).toEqual(Array(2).fill("node:24-bookworm-slim"));
  });

  it("starts a server that answers with the token, is healthy while it runs and not before", async () => {
    const app = await layOut();
    const token = "a-token-of-at-least-16-characters";
    const settings = { BATCH_CALL_HTTP_PORT: await freePort(), BATCH_CALL_HTTP_TOKEN: token };
    const health = async () => run(await command("HEALTHCHECK", settings, app)).exited;
    expect(await health()).toBe(1);
    const program = run(await command("ENTRYPOINT", settings, app));
    const [url] = await program.answered(/http:\/\/127\.0\.0\.1:\d+\/mcp/);
    expect(await health()).toBe(0);
    const client = await connectHttp("sdk v1", url, token);
    expect((await client.listTools()).length).toBeGreaterThan(10);
    await client.close();
    expect(await program.stop()).toBe(0);
  });

  it("does not start on every address without a token", async () => {
    const program = run(
      await command("ENTRYPOINT", { BATCH_CALL_HTTP_HOST: "0.0.0.0", BATCH_CALL_HTTP_PORT: "0" }, await layOut()),
    );
    expect(await program.exited).not.toBe(0);
    expect(program.stderr()).toContain("BATCH_CALL_HTTP_TOKEN");
  });
});
