import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { OperatorLogin } from "../../src/approval-page/operator-login.ts";
import { createDashboard } from "../../src/dashboard/dashboard.ts";
import { Secret } from "../../src/domain/secret.ts";
import { silentLog } from "../../src/lib/log.ts";
import { selectResources } from "../../src/resources/index.ts";
import { tools } from "../../src/tools/index.ts";
import { send } from "../approval-page/page-world.ts";
import { closeAll, closeLater, start, token } from "../mcp/http-world.ts";
import { hasBrowser, openBrowser } from "../support/browser.ts";
import { numberOf, request, startWorld, type World, type WorldSetup } from "../support/world.ts";
import { findViolations } from "./accessible.ts";

let world: World;

/** The page of a running server; answers its address. */
async function serve(setup: WorldSetup = {}, isGuarded = false): Promise<string> {
  world = await startWorld(setup);
  closeLater(() => world.stop());
  const { clock, audit, context } = world;
  const login = isGuarded ? { login: new OperatorLogin({ clock, log: silentLog, token: new Secret(token) }) } : {};
  const url = await start({
    tools,
    resources: selectResources({ isReadOnly: false }),
    makeContext: (caller) => ({ ...context, ...caller, principal: "local" }),
    buildPage: (host) => createDashboard({ host, audit, clock, log: silentLog, isLoopback: true, ...login }),
    ...(isGuarded && { token }),
  });
  return url.replace("/mcp", "/");
}

describe("the page of the server, by its answers", () => {
  afterEach(closeAll);

  const post = (url: string, path: string, body: object, headers: Record<string, string> = {}) =>
    send(new URL(`/view/${path}`, url).href, {
      headers: { Origin: new URL(url).origin, ...headers },
      body: JSON.stringify(body),
    });
  const call = async (url: string, name: string, args: object) =>
    JSON.parse((await post(url, "call", { name, arguments: args })).text);

  test("GET / and GET /mcp in a browser are pages, and a client of MCP hears what it did before", async () => {
    const url = await serve();
    const page = await fetch(url, { headers: { Accept: "text/html" } });
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=UTF-8"]);
    expect(page.headers.get("content-security-policy")).toMatch(
      /^default-src 'none'; script-src 'sha256-.*frame-ancestors 'none'$/,
    );
    const mcp = await fetch(new URL("/mcp", url), { headers: { Accept: "text/html,*/*" } });
    expect(mcp.status).toBe(405);
    expect(await mcp.text()).toContain('<a href="/">');
    const client = await fetch(new URL("/mcp", url), { headers: { Accept: "text/event-stream" } });
    expect(await client.json()).toMatchObject({ jsonrpc: "2.0" });
  });

  test("only the page itself may ask, under the machine's own name", async () => {
    const url = await serve();
    const foreign = { Origin: "http://attacker.example" };
    expect((await post(url, "about", {})).status).toBe(200);
    expect((await post(url, "about", {}, foreign)).status).toBe(403);
    expect((await post(url, "about", {}, { "Sec-Fetch-Site": "cross-site" })).status).toBe(403);
    expect((await post(url, "about", {}, { Host: "attacker.example", Origin: "http://attacker.example" })).status).toBe(
      403,
    );
    expect((await send(url, { method: "GET", headers: { Host: "attacker.example" } })).status).toBe(403);
    expect((await send(new URL("/view/events", url).href, { method: "GET" })).status).toBe(403);
  });

  test("with a token nothing is told before a login, and a session tells for a working day", async () => {
    const url = await serve({}, true);
    for (const path of ["about", "call", "read", "lists", "do-not-call", "record"])
      expect(
        (await post(url, path, { page: 0, uri: "batch://x/view?", name: "list_batches", arguments: {} })).status,
      ).toBe(401);
    expect((await post(url, "login", { token: "wrong" })).status).toBe(401);
    const entered = await post(url, "login", { token });
    const cookie = { Cookie: String(entered.headers["set-cookie"]).split(";")[0] ?? "" };
    expect((await post(url, "about", {}, cookie)).status).toBe(200);
    await world.clock.advance({ hours: 8 });
    expect((await post(url, "about", {}, cookie)).status).toBe(401);
  });

  test("no call of the page agrees to anything, nor starts what nobody was asked about", async () => {
    const url = await serve({ carrierEnvironment: "live" });
    const { batch } = await world.tool("create_batch_call", request(3));
    const id = { batch_id: batch.batch_id };
    const refused = { isError: true, content: [{ text: expect.stringContaining("starts nothing") }] };
    expect(await call(url, "start_batch", { ...id, start: "now" })).toMatchObject(refused);
    await world.problem("start_batch", { ...id, start: "now" });
    const [asked] = world.pages;
    const agreement = { expected_recipients: 3, fingerprint: asked?.summary.fingerprint };
    expect(await call(url, "start_batch", { ...id, start: "now", ...agreement })).toMatchObject(refused);
    expect(await call(url, "resume_batch", { ...id, redial_unknown: true })).toMatchObject(refused);
    const again = await call(url, "start_batch", { ...id, start: "now" });
    expect(again.content[0].text).toMatch(/^needs_approval: .*Nobody was called/);
    for (const name of ["create_batch_call", "update_batch", "test_call", "get_call", "update_do_not_call_list"])
      expect(await call(url, name, {})).toMatchObject({
        isError: true,
        content: [{ text: expect.stringContaining("not for this page") }],
      });
    expect(world.carrier.dials).toEqual([]);
  });

  test("numbers are masked wherever they stand", async () => {
    const url = await serve();
    await world.tool("update_do_not_call_list", { action: "add", numbers: [numberOf(9)], reason: "asked" });
    const { batch } = await world.tool("create_batch_call", request(3));
    const uri = `batch://${batch.batch_id}/view?page=1`;
    const told = [
      await post(url, "do-not-call", { page: 0 }),
      await post(url, "read", { uri }),
      await post(url, "lists", {}),
    ];
    expect(told.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(told[0]?.text).toContain("0109");
    for (const { text } of told) expect(text).not.toMatch(/\+1201555\d{4}/);
    expect((await post(url, "read", { uri: `batch://${batch.batch_id}/report?` })).status).toBe(422);
  });
});

describe.skipIf(!hasBrowser)("the page of the server in a browser", () => {
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  let complaints: string[] = [];
  beforeAll(async () => {
    browser = await openBrowser({ width: 1200 });
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    for (const page of browser.context.pages()) await page.close();
    await closeAll();
  });

  async function open(url: string, width = 1200): Promise<Page> {
    complaints = [];
    const page = await browser.context.newPage();
    await page.setViewportSize({ width, height: 900 });
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(url);
    return page;
  }

  test("a batch that begins elsewhere is seen without loading the page again, and is paused from it", async () => {
    const url = await serve();
    const { batch } = await world.tool("create_batch_call", request(60));
    const page = await open(url);
    await page.getByRole("row", { name: /June reminders 60 people Draft/ }).waitFor();
    await page.getByRole("link", { name: "June reminders" }).click();
    await page.getByText("Draft", { exact: true }).waitFor();
    await world.tool("start_batch", { batch_id: batch.batch_id, start: "now" });
    await expect
      .poll(async () => {
        await world.clock.advance({ seconds: 1 });
        return page.getByText("Running", { exact: true }).count();
      })
      .toBe(1);
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByText("The batch is paused.").waitFor();
    expect((await world.api.getBatch(batch.batch_id)).isPaused).toBe(true);
    expect(complaints).toEqual([]);
  });

  test("a person logs in, and looks through all pages", async () => {
    const url = await serve({}, true);
    await world.file("june.csv", `name,phone\nAna,${numberOf(1)}`);
    await world.tool("create_batch_call", request(1, { tasks: undefined, tasks_file: "june.csv", start: "now" }));
    await world.tool("update_do_not_call_list", { action: "add", numbers: [numberOf(9)], reason: "asked" });
    const page = await open(url);
    await page.getByLabel("Token of this server").fill("wrong");
    await page.keyboard.press("Enter");
    await page.getByText("That is not the token of this server.").waitFor();
    expect(await findViolations(page)).toEqual([]);
    await page.getByLabel("Token of this server").fill(token);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Batches" }).waitFor();
    await page.getByRole("link", { name: "Lists" }).click();
    await page.getByRole("row", { name: /june.csv/ }).waitFor();
    await page.getByRole("link", { name: "Do not call" }).click();
    await page.getByRole("row", { name: /0109 asked/ }).waitFor();
    await page.getByLabel("Is this number on the list?").fill(numberOf(9));
    await page.keyboard.press("Enter");
    await page.getByRole("status").filter({ hasText: "on the do-not-call list" }).waitFor();
    await page.getByRole("link", { name: "Record" }).click();
    await page.getByRole("heading", { name: "Record" }).waitFor();
    expect(await page.evaluate("document.cookie")).toBe("");
  });

  test.each([320, 1200])("at %i px no page sticks out, and axe finds no violation", async (width) => {
    const url = await serve({ carrierEnvironment: "live" });
    const { batch } = await world.tool("create_batch_call", request(30));
    await world.problem("start_batch", { batch_id: batch.batch_id, start: "now" });
    const page = await open(url, width);
    for (const [place, words] of [
      ["#/", "June reminders"],
      ["#/lists", "30 accepted"],
      ["#/do-not-call", "on the list"],
      ["#/record", "Asked"],
      [`#/batch/${batch.batch_id}`, "30 people, page 1 of 2"],
    ] as const) {
      await page.evaluate(`location.hash = ${JSON.stringify(place)}`);
      await page.getByText(words).first().waitFor();
      expect([place, await findViolations(page)]).toEqual([place, []]);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
    }
    expect(complaints).toEqual([]);
  });
});
