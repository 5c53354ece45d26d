import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ApprovalPageOpener, createApprovalPageOpener } from "../../src/approval-page/open-approval-page.ts";
import { commandsFor, openInBrowser } from "../../src/approval-page/open-in-browser.ts";
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

describe("a question that needs a person", () => {
  let world: PageWorld;
  let dir: string;
  let opened: string;
  let offers: ApprovalPageOpener[];
  beforeEach(async () => {
    world = await startPageWorld();
    dir = mkdtempSync(join(tmpdir(), "browser-"));
    opened = join(dir, "opened");
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
      `require("fs").appendFileSync(${JSON.stringify(opened)}, process.argv[2] + " " + Object.keys(process.env).join() + "\\n"); process.exit(${exitCode});`,
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
      ...(tellTerminal && { tellTerminal }),
    });
    offers.push(offer);
    return offer;
  }

  const links = () => readFileSync(opened, "utf8").trim().split("\n");

  test("is opened in the browser, which is given the link and no setting of ours", async () => {
    const offer = offerWith({ BROWSER: fakeBrowser(), BATCH_CALL_API_SECRET: "s3cret" });
    expect(await offer.open(world.ask())).toBe("opened");
    const [line = ""] = links();
    expect(line).not.toContain("BATCH_CALL");
    const [link = ""] = line.split(" ");
    await sendFromPage(link, "/answer", { answer: "call", typed: "1042" });
    expect(world.launched).toEqual(["batch_7f3a"]);
  });

  test("is not opened twice within a minute", async () => {
    const offer = offerWith({ BROWSER: fakeBrowser() });
    const asked = world.ask();
    await offer.open(asked);
    expect(await offer.open(asked)).toBe("opened");
    expect(links()).toHaveLength(1);
    await world.clock.advance({ minutes: 1 });
    await offer.open(asked);
    expect(links()).toHaveLength(2);
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
