import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ApprovalPageOpener, createApprovalPageOpener } from "../../src/approval-page/open-approval-page.ts";
import { silentLog } from "../../src/lib/log.ts";
import { type PageWorld, startPageWorld } from "../approval-page/page-world.ts";
import { browserArgs, executablePath, hasBrowser } from "../support/browser.ts";
import { waitUntil } from "../support/wait-until.ts";

// Only Linux shows what others see of a process.
describe.skipIf(!hasBrowser || process.platform !== "linux")("a browser that the program opens", () => {
  let world: PageWorld;
  let dir: string;
  let opener: ApprovalPageOpener;
  let browser: Browser | undefined;
  const profile = () => join(dir, "profile");
  beforeEach(async () => {
    world = await startPageWorld();
    dir = mkdtempSync(join(tmpdir(), "hand-over-"));
    opener = createApprovalPageOpener({
      approvals: world.approvals,
      clock: world.clock,
      log: silentLog,
      principal: "ana",
      onApproved: ({ summary }) => void world.launched.push(summary.batchId),
      desktop: { os: "linux", env: { ...process.env, BROWSER: `${process.execPath} ${launcher()}` } },
      dataDir: dir,
    });
  });
  afterEach(async () => {
    await browser?.close();
    process.kill(-Number(readFileSync(join(dir, "pid"), "utf8")), "SIGKILL");
    await waitUntil("the browser is gone", () => !commandLines().some((line) => line.includes(profile())));
    await opener.close();
    await world.stop();
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  });

  /** As a desktop's own command does: leaves the browser running with the address, and keeps a copy of what was in it. */
  function launcher(): string {
    const path = join(dir, "launcher.cjs");
    const args = [...browserArgs, `--user-data-dir=${profile()}`, "--remote-debugging-port=0"];
    writeFileSync(
      path,
      `const fs = require("fs");
      fs.copyFileSync(new URL(process.argv[2]), ${JSON.stringify(join(dir, "copy.html"))});
      const args = [...${JSON.stringify(args)}, process.argv[2]];
      const child = require("child_process").spawn(${JSON.stringify(executablePath)}, args, { detached: true, stdio: "ignore" });
      fs.writeFileSync(${JSON.stringify(join(dir, "pid"))}, String(child.pid));
      child.unref();`,
    );
    return path;
  }

  async function connect(): Promise<Browser> {
    const file = join(profile(), "DevToolsActivePort");
    await waitUntil("the browser listens", () => existsSync(file) && readFileSync(file, "utf8").includes("/"));
    return chromium.connectOverCDP(`http://127.0.0.1:${readFileSync(file, "utf8").split("\n")[0]}`);
  }

  test("shows the question to the person, and no user of the machine finds the way there in its arguments", async () => {
    expect(await opener.open(world.ask())).toBe("opened");
    browser = await connect();
    const [page] = browser.contexts()[0]?.pages() ?? [];
    await page?.getByRole("heading", { name: "Call 1,042 people?" }).waitFor();
    const { origin, hash } = new URL(/url=([^"]+)/.exec(readFileSync(join(dir, "copy.html"), "utf8"))?.[1] ?? "");
    const seen = commandLines();
    expect(seen.some((line) => line.includes(profile()))).toBe(true);
    for (const secret of [origin, hash.slice(1)]) expect(seen.filter((line) => line.includes(secret))).toEqual([]);
    expect(readdirSync(join(dir, "approvals"))).toEqual([]);
    await page?.getByLabel("To agree").fill("1042");
    await page?.getByRole("button", { name: "Call 1,042 people" }).click();
    await page?.getByRole("heading", { name: "Agreed: 1,042 people" }).waitFor();
    expect(world.launched).toEqual(["batch_7f3a"]);
  });
});

/** The arguments of every process, as every user of the machine can read them. */
function commandLines(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8");
      } catch {
        return "";
      }
    });
}
