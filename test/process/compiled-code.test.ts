import { chmod, chown, cp, lstat, mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { builtProgram, createHome, type Home, root, run } from "../support/process/spawn.ts";

const { findCache } = createRequire(import.meta.url)(join(root, "bin", "compiled-code.cjs")) as {
  findCache(build: string, env: Record<string, string>): string | undefined;
};

const { buildIdOf } = (await import(join(root, "scripts", "build-id.mjs"))) as {
  buildIdOf(chunks: readonly { readonly fileName: string; readonly code: string }[]): string;
};

let home: Home;
let folder: string;
beforeEach(async () => {
  home = await createHome();
  folder = join(home.path, "batch-call-mcp");
});
afterEach(() => home.remove());

const find = (more: Record<string, string> = {}) =>
  findCache("build", { HOME: home.path, XDG_CACHE_HOME: home.path, LOCALAPPDATA: home.path, ...more });

describe.skipIf(process.platform === "win32")("compiled code", () => {
  it("is kept in a folder of the user, of the build and of Node's version", () => {
    expect(find()).toBe(join(folder, `build-${process.version}-${process.arch}`));
  });

  it("is not kept where Node's own switch says so, nor where there is no home", () => {
    expect(find({ NODE_DISABLE_COMPILE_CACHE: "1" })).toBeUndefined();
    expect(find({ XDG_CACHE_HOME: "", HOME: "" })).toBeUndefined();
    expect(find({ XDG_CACHE_HOME: "relative", HOME: "relative" })).toBeUndefined();
  });

  it("is not taken from a folder that others can write to, or that leads elsewhere", async () => {
    const compiled = find() ?? "";
    await mkdir(compiled, { recursive: true, mode: 0o700 });
    expect(find()).toBe(compiled);
    for (const each of [folder, compiled]) {
      await chmod(each, 0o770);
      expect(find()).toBeUndefined();
      await chmod(each, 0o700);
    }
    const other = join(home.path, "other");
    await mkdir(other);
    await symlink(folder, join(other, "batch-call-mcp"));
    expect(find({ XDG_CACHE_HOME: other })).toBeUndefined();
  });

  it.runIf(process.getuid?.() === 0)("is not taken from another user's folder", async () => {
    await mkdir(folder, { mode: 0o700 });
    await chown(folder, 65_534, 65_534);
    expect(find()).toBeUndefined();
  });

  it("is there after the first start, for its owner only, and no start fails where it cannot be kept, or is damaged", async () => {
    const program = await builtProgram(home, ["service"], {
      XDG_CACHE_HOME: home.path,
      LOCALAPPDATA: home.path,
      BATCH_CALL_SERVICE_PORT: "0",
    });
    const first = run(program);
    const names = await vi.waitFor(
      async () => {
        const [build = ""] = await readdir(folder);
        const found = await readdir(join(folder, build));
        expect(found).toContain("main.cjs");
        expect(found.filter((name) => name.endsWith(".part"))).toEqual([]);
        return found.map((name) => join(folder, build, name));
      },
      { timeout: 20_000, interval: 100 },
    );
    expect(await first.stop()).toBe(0);
    for (const path of [folder, ...names]) expect((await lstat(path)).mode & 0o077).toBe(0);

    for (const name of names) await writeFile(name, "no compiled code");
    const second = run(program);
    await second.answered(/service on/);
    expect(await second.stop()).toBe(0);

    const file = join(home.path, "file");
    await writeFile(file, "");
    const third = run({ ...program, env: { ...program.env, XDG_CACHE_HOME: file } });
    await third.answered(/service on/);
    expect(await third.stop()).toBe(0);
  });

  it("of one build is never run for another, whose text is as long", async () => {
    const program = join(home.path, "program");
    await cp(join(root, "bin"), join(program, "bin"), { recursive: true });
    await mkdir(join(program, "dist"));
    const start = async (word: string) => {
      const code = `process.stdin.on("end", () => process.exit(0)).resume();process.stderr.write("says ${word}\\n");`;
      const id = buildIdOf([{ fileName: "main.cjs", code }]);
      await writeFile(join(program, "dist", "main.cjs"), code);
      await writeFile(join(program, "dist", "build.json"), JSON.stringify({ id }));
      const running = run({
        command: process.execPath,
        args: [join(program, "bin", "start.cjs")],
        cwd: home.path,
        env: { PATH: process.env.PATH ?? "", HOME: home.path, XDG_CACHE_HOME: home.path, LOCALAPPDATA: home.path },
      });
      const [, said] = await running.logged(/says (\w+)/);
      return { id, running, said };
    };
    const first = await start("one");
    const compiled = join(folder, `${first.id}-${process.version}-${process.arch}`, "main.cjs");
    await vi.waitFor(() => lstat(compiled), { timeout: 20_000, interval: 50 });
    const second = await start("two");
    expect([first.said, second.said]).toEqual(["one", "two"]);
    for (const { running } of [first, second]) {
      running.process.stdin?.end();
      expect(await running.exited).toBe(0);
    }
  });
});

it("a build is named by every file of it, and all that is in it", () => {
  const [main, other] = [
    { fileName: "main.cjs", code: "one" },
    { fileName: "other.cjs", code: "1" },
  ];
  const ids = [[main, other], [main], [{ ...main, code: "two" }, other], [main, { ...other, code: "2" }]].map(
    (chunks) => buildIdOf(chunks),
  );
  expect(new Set(ids).size).toBe(4);
  expect(buildIdOf([main, other])).toBe(ids[0]);
});
