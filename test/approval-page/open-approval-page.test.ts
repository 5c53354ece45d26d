import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ApprovalPageOpener, createApprovalPageOpener } from "../../src/approval-page/open-approval-page.ts";
import { commandsFor, openInBrowser } from "../../src/approval-page/open-in-browser.ts";
import { redirectDir } from "../../src/approval-page/redirect-files.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLog } from "../../src/lib/log.ts";
import { type PageWorld, sendFromPage, startPageWorld } from "./page-world.ts";

const url = "http://127.0.0.1:4000/#secret";

describe("the command that opens a browser", () => {
  test.each<[os: NodeJS.Platform, env: Record<string, string>, expected: string[]]>([
    ["darwin", {}, [`open ${url}`]],
    ["win32", {}, [`rundll32 url.dll,FileProtocolHandler ${url}`]],
    ["linux", { DISPLAY: ":0" }, [`xdg-open ${url}`]],
    ["linux", { WAYLAND_DISPLAY: "wayland-0" }, [`xdg-open ${url}`]],
    ["linux", {}, []],
    ["linux", { BROWSER: "firefox" }, [`firefox ${url}`]],
    ["linux", { BROWSER: "links -g %s:", DISPLAY: ":0" }, [`links -g ${url}`, `xdg-open ${url}`]],
    ["linux", { BROWSER: "one:two --new" }, [`one ${url}`, `two --new ${url}`]],
    [
      "win32",
      { BROWSER: "C:\\browser.exe" },
      [`C:\\browser.exe ${url}`, `rundll32 url.dll,FileProtocolHandler ${url}`],
    ],
  ])("on %s with %o", (os, env, expected) => {
    expect(commandsFor(url, { os, env }).map(({ file, args }) => [file, ...args].join(" "))).toEqual(expected);
  });
});

describe("the directory that leads a browser to a question", () => {
  test.each<[dataDir: string, os: NodeJS.Platform, expected: string]>([
    ["/home/ana/.local/share/batch-call-mcp", "linux", "/home/ana/batch-call-approvals"],
    ["/srv/calls", "linux", "/srv/calls/approvals"],
    [
      "/Users/ana/Library/Application Support/batch-call-mcp",
      "darwin",
      "/Users/ana/Library/Application Support/batch-call-mcp/approvals",
    ],
  ])("of %s on %s is read by a browser in a sandbox too", (dataDir, os, expected) => {
    expect(redirectDir(dataDir, { os, env: { HOME: "/home/ana" } })).toBe(expected);
  });
});

describe("a question that needs a person", () => {
  let world: PageWorld;
  let dir: string;
  let opened: string;
  let dataDir: string;
  let offers: ApprovalPageOpener[];
  beforeEach(async () => {
    world = await startPageWorld();
    dir = mkdtempSync(join(tmpdir(), "browser-"));
    opened = join(dir, "opened");
    dataDir = join(dir, "data");
    offers = [];
  });
  afterEach(async () => {
    for (const offer of offers) await offer.close();
    rmSync(dir, { recursive: true });
    await world.stop();
  });

  /** A browser that writes down what it was asked to open and what it was given. */
  function fakeBrowser(exitCode = 0): string {
    const path = join(dir, "browser.cjs");
    writeFileSync(
      path,
      `const fs = require("fs");
      const page = fs.readFileSync(new URL(process.argv[2]), "utf8");
      const seen = { args: process.argv, env: Object.keys(process.env), link: /url=([^"]+)/.exec(page)[1] };
      fs.appendFileSync(${JSON.stringify(opened)}, JSON.stringify(seen) + "\\n");
      process.exit(${exitCode});`,
    );
    return `${process.execPath} ${path}`;
  }

  function offerWith(env: Record<string, string>, tellTerminal?: (line: string) => void): ApprovalPageOpener {
    const offer = createApprovalPageOpener({
      approvals: world.approvals,
      clock: world.clock,
      log: silentLog,
      principal: "ana",
      onApproved: ({ summary }) => void world.launched.push(summary.batchId),
      desktop: { os: "linux", env },
      dataDir,
      ...(tellTerminal && { tellTerminal }),
    });
    offers.push(offer);
    return offer;
  }

  const seen = (): { args: string[]; env: string[]; link: string }[] =>
    readFileSync(opened, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  const files = () => readdirSync(join(dataDir, "approvals"));

  test("is opened in the browser, by a file that only this user reads, and with no setting of ours", async () => {
    const offer = offerWith({ BROWSER: fakeBrowser(), BATCH_CALL_API_SECRET: "s3cret" });
    expect(await offer.open(world.ask())).toBe("opened");
    const [{ args, env, link } = { args: [], env: [], link: "" }] = seen();
    expect(env.filter((name) => name.startsWith("BATCH_CALL"))).toEqual([]);
    const { origin, hash } = new URL(link);
    for (const secret of [origin, hash.slice(1)]) expect(args.join(" ")).not.toContain(secret);
    const [name = ""] = files();
    expect(statSync(join(dataDir, "approvals")).mode & 0o777).toBe(0o700);
    expect(statSync(join(dataDir, "approvals", name)).mode & 0o777).toBe(0o600);
    await sendFromPage(link, "/answer", { answer: "call", typed: "1042" });
    expect(world.launched).toEqual(["batch_7f3a"]);
  });

  test("leaves no file once the page was shown, none when the program ends, and none of one that was killed", async () => {
    const offer = offerWith({ BROWSER: fakeBrowser() });
    mkdirSync(join(dataDir, "approvals"), { recursive: true, mode: 0o755 });
    const now = world.clock.now().getTime();
    for (const until of [now, now + 1]) writeFileSync(join(dataDir, "approvals", `${until}-abc.html`), "");
    await offer.open(world.ask());
    expect(files()).toHaveLength(2);
    expect(files()).not.toContain(`${now}-abc.html`);
    expect(statSync(join(dataDir, "approvals")).mode & 0o777).toBe(0o700);
    await sendFromPage(seen()[0]?.link ?? "", "/question");
    expect(files()).toEqual([`${now + 1}-abc.html`]);
    await offer.open(world.ask({ batchId: "batch_other" }));
    await offer.close();
    expect(files()).toEqual([`${now + 1}-abc.html`]);
  });

  test("is not given to the browser in any other way where the file cannot be private", async () => {
    mkdirSync(dataDir);
    symlinkSync(dir, join(dataDir, "approvals"));
    const told: string[] = [];
    expect(await offerWith({ BROWSER: fakeBrowser() }).open(world.ask())).toBe("nowhere");
    const printed = offerWith({ BROWSER: fakeBrowser() }, (line) => told.push(line));
    expect(await printed.open(world.ask())).toBe("printed");
    expect(told).toHaveLength(1);
    expect(existsSync(opened)).toBe(false);
  });

  test("is not opened twice within a minute", async () => {
    const offer = offerWith({ BROWSER: fakeBrowser() });
    const asked = world.ask();
    await offer.open(asked);
    expect(await offer.open(asked)).toBe("opened");
    expect(seen()).toHaveLength(1);
    await world.clock.advance({ minutes: 1 });
    await offer.open(asked);
    expect(seen()).toHaveLength(2);
  });

  test("reuses its window when its batch is asked about again, to start otherwise", async () => {
    const offer = offerWith({ BROWSER: fakeBrowser() });
    await offer.open(world.ask());
    await offer.open(world.ask({ fingerprint: "b".repeat(64), recipients: 7 }));
    expect(seen()).toHaveLength(1);
    expect((await sendFromPage(seen()[0]?.link ?? "", "/question")).text).toContain("Call 7 people?");
  });

  test("goes to the terminal where nothing can be opened", async () => {
    const told: string[] = [];
    const offer = offerWith({ BROWSER: fakeBrowser(1) }, (line) => told.push(line));
    expect(await offer.open(world.ask())).toBe("printed");
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/http:\/\/127\.0\.0\.1:\d+\/#[\w-]{43}$/);
  });

  test("goes nowhere without a display and a terminal", async () => {
    expect(await offerWith({}).open(world.ask())).toBe("nowhere");
    expect(await offerWith({ BROWSER: join(dir, "missing") }).open(world.ask())).toBe("nowhere");
  });

  test("is never handed to a shell", async () => {
    const victim = join(dir, "victim");
    const desktop = { os: "linux", env: { BROWSER: `touch ${victim};` } } as const;
    await openInBrowser(`http://127.0.0.1/#$(touch ${victim})`, desktop, systemClock);
    expect(existsSync(victim)).toBe(false);
  });
});
