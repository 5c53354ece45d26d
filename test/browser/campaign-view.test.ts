import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Frame, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { selectResources } from "../../src/resources/index.ts";
import { tools } from "../../src/tools/index.ts";
import { closeAll, closeLater, start } from "../mcp/http-world.ts";
import { type AppHost, type OpenedView, startAppHost } from "../support/app-host/app-host.ts";
import { hasBrowser, openBrowser } from "../support/browser.ts";
import { numberOf, request, startWorld, type World, type WorldSetup } from "../support/world.ts";
import { findViolations } from "./accessible.ts";

describe.skipIf(!hasBrowser)("the view of a batch in a host of the official package", () => {
  let host: AppHost;
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  let world: World;
  let complaints: string[];
  beforeAll(async () => {
    host = await startAppHost();
    browser = await openBrowser({ width: 800 });
  });
  afterAll(async () => {
    await browser?.close();
    await host?.close();
  });
  beforeEach(() => {
    complaints = [];
  });
  afterEach(async () => {
    for (const page of browser.context.pages()) await page.close();
    await closeAll();
  });

  async function serve(setup: WorldSetup = {}): Promise<string> {
    world = await startWorld(setup);
    closeLater(() => world.stop());
    const resources = selectResources({ isReadOnly: false });
    // As with a token: the host of the tests sends none.
    const { access } = world.context;
    return start({ tools, resources, makeContext: (caller) => ({ ...world.context, ...caller, access }) });
  }

  async function open(view: OpenedView, width = 800): Promise<{ readonly page: Page; readonly frame: Frame }> {
    const page = await browser.context.newPage();
    await page.setViewportSize({ width, height: 900 });
    // The 405 is the host's own question for a stream of a session, of which there is none.
    page.on("console", (message) => {
      if (message.type() === "error" && !message.text().includes("405")) complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    return { page, frame: await host.open(page, view) };
  }

  const show = async (url: string, batchId: string, more: Partial<OpenedView> = {}, width = 800) =>
    open({ url, tool: "get_batch_status", args: { batch_id: batchId }, ...more }, width);

  const hostState = <T>(page: Page, what: string): Promise<T> => page.evaluate(`host.${what}`);

  test("a batch is seen as it moves: who was reached, by hour, why not, and each recipient with a masked number", async () => {
    const url = await serve({ carrier: { [numberOf(2)]: ["no_answer"], [numberOf(3)]: ["busy"] } });
    const { batch } = await world.tool("create_batch_call", request(3));
    const { page, frame } = await show(url, batch.batch_id);
    await frame.getByRole("heading", { name: "June reminders" }).waitFor();
    await frame.getByText("Draft", { exact: true }).waitFor();
    await world.tool("start_batch", { batch_id: batch.batch_id, start: "now" });
    await world.clock.advance({ minutes: 5 });
    await frame.getByText("Finished", { exact: true }).waitFor();
    await frame.getByText("3 of 3 people done").waitFor();
    await frame.getByText("The same as a table").click();
    await frame.getByRole("row", { name: "10:00 3 1" }).waitFor();
    await frame.getByRole("row", { name: /Failed, no answer: .* 1 2/ }).waitFor();
    const row = frame.getByRole("row", { name: /Row 2/ });
    expect(await row.innerText()).toContain("+1 *** *** 0102");
    expect(await frame.locator("body").innerText()).not.toContain(numberOf(2));
    expect(await hostState(page, "mimeType")).toBe("text/html;profile=mcp-app");
    expect((await hostState<number[]>(page, "sizes")).at(-1)).toBeGreaterThan(600);
    expect(complaints).toEqual([]);
  });

  test("pause acts at once; resume and cancel ask first, take a way back, and tell the model what was done", async () => {
    const url = await serve();
    const { batch } = await world.tool("create_batch_call", request(30, { start: "now" }));
    const { page, frame } = await show(url, batch.batch_id);
    const button = (name: string) => frame.getByRole("button", { name, exact: true });
    await button("Pause").click();
    await frame.getByText("Paused", { exact: true }).waitFor();
    expect((await world.api.getBatch(batch.batch_id)).isPaused).toBe(true);
    await button("Resume").click();
    await button("Back").click();
    expect((await world.api.getBatch(batch.batch_id)).isPaused).toBe(true);
    await button("Resume").click();
    await button("Resume calling").click();
    await frame.getByText("The batch is resumed.").waitFor();
    expect((await world.api.getBatch(batch.batch_id)).isPaused).toBe(false);
    await button("Cancel").click();
    await frame.getByText("will not be called").waitFor();
    expect((await world.api.getBatch(batch.batch_id)).status).toBe("sent");
    await button("Cancel the batch").click();
    await frame.getByText("The batch is cancelled.").waitFor();
    expect((await world.api.getBatch(batch.batch_id)).status).toBe("cancelled");
    expect(await hostState(page, "told")).toEqual([
      `The user paused batch ${batch.batch_id} in the view.`,
      `The user resumed batch ${batch.batch_id} in the view.`,
      `The user cancelled batch ${batch.batch_id} in the view.`,
    ]);
  });

  test("the keyboard is enough to stop a batch and to look through its people", async () => {
    const url = await serve();
    const { batch } = await world.tool("create_batch_call", request(60, { start: "now" }));
    const { page, frame } = await show(url, batch.batch_id);
    await frame.getByRole("button", { name: "Pause" }).waitFor();
    const focused = () => frame.evaluate("document.activeElement.textContent || document.activeElement.type");
    const tabTo = async (text: string) => {
      for (let step = 0; step < 20 && (await focused()) !== text; step++) await page.keyboard.press("Tab");
      expect(await focused()).toBe(text);
    };
    await tabTo("Pause");
    await page.keyboard.press("Enter");
    await frame.getByText("Paused", { exact: true }).waitFor();
    // The button is gone: the keyboard stays where the next ones come.
    expect(await frame.evaluate("document.activeElement.className")).toBe("actions");
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("Resume");
    await tabTo("search");
    await page.keyboard.type("row nobody has");
    await frame.getByText("Nobody matches.").waitFor();
    for (let step = 0; step < 14; step++) await page.keyboard.press("Backspace");
    await frame.getByText("60 people, page 1 of 3").waitFor();
    await tabTo("Next");
    await page.keyboard.press("Space");
    await frame.getByText("60 people, page 2 of 3").waitFor();
    await tabTo("Rules and ids");
    await page.keyboard.press("Enter");
    await frame.getByText(batch.batch_id).waitFor();
  });

  test("people are found by name, number and row, and by how they stand", async () => {
    const url = await serve({ carrier: { [numberOf(7)]: ["busy"] } });
    const rows = Array.from({ length: 60 }, (_, at) => `Person ${at + 1},${numberOf(at + 1)}`);
    await world.file("june.csv", ["name,phone", ...rows].join("\n"));
    const { batch } = await world.tool(
      "create_batch_call",
      request(1, { tasks: undefined, tasks_file: "june.csv", start: "now" }),
    );
    await world.clock.advance({ minutes: 30 });
    const { frame } = await show(url, batch.batch_id);
    const search = frame.getByLabel("Search name, number or row");
    const found = async (text: string, names: readonly string[]) => {
      await search.fill(text);
      await expect.poll(() => frame.locator(".people tbody th b").allInnerTexts()).toEqual(names);
    };
    await found("person 42", ["Person 42"]);
    await found(numberOf(58).slice(-4), ["Person 58"]);
    await found("7", ["Person 6", "Person 7", "Person 17", "Person 27", "Person 37", "Person 47", "Person 57"]);
    await search.fill("");
    await frame.getByLabel("Show").selectOption("busy");
    await found("", ["Person 7"]);
  });

  test("a name, an answer and a reason that are markup stay text", async () => {
    const name = `<img src=x onerror="parent.owned=1"><script>parent.owned=1</script>`;
    const url = await serve();
    const { batch } = await world.tool("create_batch_call", request(2, { name }));
    const { frame } = await show(url, batch.batch_id);
    await frame.getByRole("heading", { name: "onerror" }).waitFor();
    expect(await frame.locator("main img, main script").count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test("it can only ask once more for an approval, and says nothing that would be one", async () => {
    const url = await serve({ carrierEnvironment: "live" });
    const { batch } = await world.tool("create_batch_call", request(3));
    await world.problem("start_batch", { batch_id: batch.batch_id, start: "now" });
    const asked = world.pages.length;
    const { frame } = await show(url, batch.batch_id);
    await frame.getByText("A person has to agree before 3 people are called.").waitFor();
    await frame.getByText("Waits for approval", { exact: true }).waitFor();
    await frame.getByRole("button", { name: "Open the approval page" }).click();
    await frame.getByText("A page was opened in the browser").waitFor();
    expect(world.pages.length).toBe(asked + 1);
    expect(world.approvals.openFor(batch.batch_id, world.clock.now())).toHaveLength(1);
    expect(world.carrier.dials).toEqual([]);
    expect((await world.api.getBatch(batch.batch_id)).status).toBe("draft");
  });

  test("where the page is behind a login, the host is asked to open its address", async () => {
    const url = await serve({ carrierEnvironment: "live", context: { approvalPath: "/approve" } });
    const { batch } = await world.tool("create_batch_call", request(3));
    await world.problem("start_batch", { batch_id: batch.batch_id, start: "now" });
    const { page, frame } = await show(url, batch.batch_id);
    await frame.getByRole("button", { name: "Open the approval page" }).click();
    await expect.poll(() => hostState(page, "links")).toEqual([url.replace("/mcp", "/approve")]);
  });

  test("in a host that lets a view read nothing, the tools alone fill it; in one without tools, the answer does", async () => {
    const url = await serve();
    const { batch } = await world.tool("create_batch_call", request(60, { start: "now" }));
    await world.clock.advance({ minutes: 30 });
    const some = await show(url, batch.batch_id, { capabilities: { serverTools: {} } });
    await some.frame.getByText("60 people, page 1 of 2").waitFor();
    await some.frame.getByRole("button", { name: "Next" }).click();
    await some.frame.getByText("60 people, page 2 of 3").waitFor();
    expect(await some.frame.getByLabel("Search name").count()).toBe(0);
    const none = await show(url, batch.batch_id, { capabilities: {} });
    await none.frame.getByText("60 of 60 people done").waitFor();
    expect(await none.frame.getByRole("button").count()).toBe(0);
  });

  const looks = [320, 400, 800, 1200].flatMap((width) =>
    (["light", "dark"] as const).map((theme) => ({ width, theme })),
  );
  test.each(looks)("at $width px, $theme: nothing sticks out and axe finds no violation", async ({ width, theme }) => {
    const carrier = { [numberOf(2)]: ["no_answer"], [numberOf(3)]: ["busy"], [numberOf(4)]: ["voicemail"] } as const;
    const url = await serve({ carrier, carrierEnvironment: "live" });
    const rows = Array.from({ length: 30 }, (_, at) => `Maximiliane Wolkenstein-Trostberg ${at},${numberOf(at + 1)}`);
    await world.file("june.csv", ["name,phone", ...rows].join("\n"));
    const { batch } = await world.tool("create_batch_call", request(1, { tasks: undefined, tasks_file: "june.csv" }));
    await world.problem("start_batch", { batch_id: batch.batch_id, start: "now" });
    const { frame } = await show(url, batch.batch_id, { theme }, width);
    await frame.getByText("30 people, page 1 of 2").waitFor();
    await frame.getByText("Rules and ids").click();
    expect(await findViolations(frame)).toEqual([]);
    expect(await frame.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
    for (const control of await frame.locator("button, input, select").all())
      expect((await control.boundingBox())?.height).toBeGreaterThanOrEqual(40);
  });
});

test.each(["campaign", "page"])(
  "the built page %s has at most 100 kB, loads nothing and names its script and style by hash",
  async (name) => {
    const html = await readFile(fileURLToPath(new URL(`../../dist/view/${name}.html`, import.meta.url)), "utf8");
    expect(Buffer.byteLength(html)).toBeLessThanOrEqual(100_000);
    expect(html).toMatch(
      /content="default-src 'none'; script-src 'sha256-[^' ]+'; style-src 'sha256-[^' ]+'; img-src data:;/,
    );
    expect(html).not.toMatch(/unsafe-(?:inline|eval)|src="http|@import|url\(/);
    expect(html.match(/<script/g)).toHaveLength(1);
  },
);
