import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { serveDashboard } from "../dashboard/dashboard-world.ts";
import { closeAll, token } from "../mcp/http-world.ts";
import { hasBrowser, openBrowser } from "../support/browser.ts";
import { numberOf, request, type World, type WorldSetup } from "../support/world.ts";
import { findViolations } from "./accessible.ts";

let world: World;

async function serve(setup: WorldSetup = {}, isGuarded = false): Promise<string> {
  const served = await serveDashboard(setup, isGuarded);
  world = served.world;
  return served.url;
}

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
  await closeAll();
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
    world.killSwitch.set(true, "ana", world.clock.now());
    await page.reload();
    await page.getByText("All calls are stopped since").waitFor();
    await page.getByRole("link", { name: "Lists" }).click();
    await page.getByRole("row", { name: /june.csv/ }).waitFor();
    await page.getByRole("link", { name: /^Batch 1 of .*june.csv/ }).waitFor();
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
