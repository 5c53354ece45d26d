import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { StartSummary } from "../../src/campaigns/approve/approval.ts";
import { type PageWorld, startPageWorld } from "../approval-page/page-world.ts";
import { hasBrowser, openBrowser } from "../support/browser.ts";
import { findViolations } from "./accessible.ts";

describe.skipIf(!hasBrowser)("the one-time page in a browser", () => {
  let world: PageWorld;
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  let context: BrowserContext;
  let complaints: string[];
  beforeAll(async () => {
    browser = await openBrowser({ width: 1200 });
    context = browser.context;
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    world = await startPageWorld();
    complaints = [];
  });
  afterEach(async () => {
    for (const page of context.pages()) await page.close();
    await world.stop();
  });

  async function open(url: string): Promise<Page> {
    const page = await context.newPage();
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(url);
    await page.locator("[data-focus]").waitFor();
    return page;
  }

  async function openQuestion(changes: Partial<StartSummary> = {}) {
    const asked = world.ask(changes);
    return { asked, page: await open(world.page.urlFor(asked)) };
  }

  const agree = (page: Page) => page.getByRole("button", { name: "Call 1,042 people" });
  const count = (page: Page) => page.getByLabel("To agree, type the number of recipients");
  const heading = (page: Page, name: string) => page.getByRole("heading", { name }).waitFor();

  test("a person types the number, agrees, and reads what comes next", async () => {
    const { page } = await openQuestion();
    await count(page).fill("1,042");
    await agree(page).click();
    await heading(page, "Agreed: 1,042 people");
    expect(await page.title()).toBe("Agreed: 1,042 people");
    expect(await page.locator("main").innerText()).toContain("The calls start on Tuesday 3 March 2026, 13:00");
    expect(world.launched).toEqual(["batch_7f3a"]);
    expect(complaints).toEqual([]);
  });

  test("the keyboard is enough", async () => {
    const { page } = await openQuestion();
    for (const _step of ["ids", "list", "field"]) await page.keyboard.press("Tab");
    await page.keyboard.type("1042");
    await page.keyboard.press("Enter");
    await heading(page, "Agreed: 1,042 people");
    expect(world.launched).toHaveLength(1);
  });

  test("the keyboard reaches both buttons, and what comes next is read out", async () => {
    const { asked, page } = await openQuestion();
    for (const _step of ["ids", "list", "field", "agree", "decline"]) await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Do not call");
    await page.keyboard.press("Space");
    await heading(page, "Nobody is called");
    expect(await page.evaluate("document.activeElement.tagName")).toBe("H1");
    expect(world.state(asked)).toBe("declined");
  });

  test("a person looks through the list, a page at a time, and comes back to the question", async () => {
    const { page } = await openQuestion();
    await page.getByRole("button", { name: "Look at the whole list" }).click();
    await heading(page, "Who would be called");
    expect(await page.locator("tbody tr").count()).toBe(50);
    await page.getByRole("button", { name: "Next page" }).click();
    await page.getByText("51 to 100 of 1,042").waitFor();
    await page.getByRole("button", { name: "Back to the question" }).click();
    await heading(page, "Call 1,042 people?");
    await count(page).fill("1042");
    await agree(page).click();
    await heading(page, "Agreed: 1,042 people");
    expect(complaints).toEqual([]);
  });

  test("the calls move below the agreement, and a person stops them there by the keyboard", async () => {
    const { page } = await openQuestion();
    await count(page).fill("1042");
    await agree(page).click();
    await page.getByText("51 of 1,042 people").waitFor();
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Stop the calls");
    world.calls.batch = { ...world.calls.batch, facts: [{ label: "Done", text: "60 of 1,042 people" }] };
    await page.getByText("60 of 1,042 people").waitFor();
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Stop the calls");
    expect(await findViolations(page)).toEqual([]);
    await page.keyboard.press("Enter");
    await page.getByText("Stopped: nobody else is called").waitFor();
    expect(world.stopped).toEqual(["batch_7f3a by ana"]);
    // The button is gone: the keyboard goes on at what came of it.
    await page.waitForFunction('document.activeElement.textContent.includes("Stopped: nobody else is called")');
    expect(await page.evaluate("document.activeElement.getAttribute('role')")).toBe("status");
    expect(complaints).toEqual([]);
  });

  test("an answer that fails leaves the calls and their button in place, and the next good one takes the words away", async () => {
    const { page } = await openQuestion();
    await count(page).fill("1042");
    await agree(page).click();
    const stop = page.getByRole("button", { name: "Stop the calls" });
    await stop.waitFor();
    const lost = page.getByText(/No answer just now/);
    for (const path of ["**/live", "**/stop"]) await page.route(path, (route) => route.abort());
    await lost.waitFor();
    expect(await page.getByText("51 of 1,042 people").isVisible()).toBe(true);
    expect(await page.getByText("Stop the calls").isEnabled()).toBe(true);
    await stop.click();
    await page.getByText(/may not have been stopped/).waitFor();
    expect(await stop.isEnabled()).toBe(true);
    expect(world.stopped).toEqual([]);
    for (const path of ["**/live", "**/stop"]) await page.unroute(path);
    await lost.waitFor({ state: "hidden" });
    await stop.click();
    await page.getByText("Stopped: nobody else is called").waitFor();
    expect(world.stopped).toEqual(["batch_7f3a by ana"]);
  });

  test("when the program that asked has ended, the page says what stops the calls instead", async () => {
    const { page } = await openQuestion();
    await count(page).fill("1042");
    await agree(page).click();
    await page.getByText("51 of 1,042 people").waitFor();
    await world.page.close();
    await page.getByText(/stop-all in a terminal does/).waitFor();
    world.page.close = async () => {};
  });

  test("somebody is looked for in the list", async () => {
    const { page } = await openQuestion();
    await page.getByRole("button", { name: "Look at the whole list" }).click();
    await page.getByLabel("Row, name or number").fill("Person");
    await page.keyboard.press("Enter");
    await page.getByText("1 to 1 of 1 whose row").waitFor();
    expect(await findViolations(page)).toEqual([]);
  });

  test("who and how many come first, ids are folded away, the time counts down and what cannot be stopped is said before", async () => {
    const { page } = await openQuestion({ hasBrake: false });
    const labels = await page.locator("main > dl > dt").allInnerTexts();
    expect(labels.slice(0, 5)).toEqual(["How many", "For example", "Starts", "Phones ring", "Also"]);
    expect(await page.locator("main > dl").innerText()).toContain("This API cannot stop a batch that runs.");
    expect(await page.locator("main > dl").innerText()).not.toContain("batch_7f3a");
    await page.getByText("Ids").click();
    await page.getByText("batch_7f3a").waitFor();
    await page.getByText(/This question ends in 14:5\d\./).waitFor();
    expect(await findViolations(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test("nothing is sent while the number is missing, but a no needs none", async () => {
    const { asked, page } = await openQuestion();
    await agree(page).click();
    expect(await page.evaluate("document.querySelector('#typed').validity.valueMissing")).toBe(true);
    expect(world.state(asked)).toBe("waiting");
    await page.getByRole("button", { name: "Do not call" }).click();
    await heading(page, "Nobody is called");
  });

  test("a wrong number is told at the field, which is empty again and has the focus", async () => {
    const { asked, page } = await openQuestion();
    await count(page).fill("12");
    await agree(page).click();
    await page.getByRole("alert").filter({ hasText: "4 tries are left" }).waitFor();
    expect(await page.evaluate("document.activeElement.id")).toBe("typed");
    expect(await count(page).getAttribute("aria-invalid")).toBe("true");
    expect(await count(page).inputValue()).toBe("");
    await count(page).fill("1042");
    await agree(page).click();
    await heading(page, "Agreed");
    expect(world.state(asked)).toBe("approved");
  });

  test("a page that stayed open too long, or was answered elsewhere, says so", async () => {
    const { asked, page } = await openQuestion();
    const other = await open(world.page.urlFor(asked));
    await other.getByRole("button", { name: "Do not call" }).click();
    await heading(other, "Nobody is called");
    await count(page).fill("1042");
    await agree(page).click();
    await page.getByText("It was answered before").waitFor();
    const late = await openQuestion({ batchId: "batch_late" });
    await world.clock.advance({ minutes: 15 });
    await count(late.page).fill("1042");
    await agree(late.page).click();
    await heading(late.page, "This question is too old");
    expect(world.launched).toEqual([]);
  });

  test("loaded again, it shows the outcome of the question", async () => {
    const { page } = await openQuestion();
    await page.reload();
    await count(page).fill("1042");
    await agree(page).click();
    await heading(page, "Agreed");
    await page.reload();
    await heading(page, "Agreed");
    expect(await page.locator("main").innerText()).not.toContain("0123");
    expect(world.launched).toHaveLength(1);
  });

  test("the bare address, and a link with another secret, show nothing", async () => {
    const { origin } = new URL(world.page.urlFor(world.ask()));
    for (const url of [origin, `${origin}/#${"A".repeat(43)}`]) {
      const page = await open(url);
      await heading(page, "This link opens nothing");
      expect(await page.locator("main").innerText()).not.toContain("June");
    }
  });

  test("it says so when the program that asked has ended", async () => {
    const { page } = await openQuestion();
    await world.page.close();
    await count(page).fill("1042");
    await agree(page).click();
    await heading(page, "Nobody answers here any more");
    world.page.close = async () => {};
  });

  test("a name that is markup stays text", async () => {
    const name = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;
    const { page } = await openQuestion({
      name,
      samples: ["<b>bold</b>"],
      notes: ["<form action=//attacker.example>"],
    });
    expect(await page.locator("main").innerText()).toContain("<b>bold</b>");
    expect(await page.locator("main img, main b, main script").count()).toBe(0);
    expect(await page.title()).toBe("Call 1,042 people?");
    expect(complaints).toEqual([]);
  });

  test("a page of another origin can neither ask, nor answer, nor frame it", async () => {
    const link = world.page.urlFor(world.ask());
    const attacker = createServer((_request, response) =>
      response.setHeader("Content-Type", "text/html").end(`<h1 data-focus>x</h1><iframe src="${link}"></iframe>`),
    );
    await new Promise<void>((resolve) => attacker.listen(0, "127.0.0.1", resolve));
    const page = await open(`http://127.0.0.1:${(attacker.address() as AddressInfo).port}/`);
    const { origin, hash } = new URL(link);
    const tries = await page.evaluate(`Promise.all(["/question", "/answer"].flatMap((path) => [
      fetch("${origin}" + path, { method: "POST", headers: { "X-Approval-Secret": "${hash.slice(1)}" }, body: new URLSearchParams({ answer: "call", typed: "1042" }) }),
      fetch("${origin}" + path, { method: "POST", body: new URLSearchParams({ answer: "call", typed: "1042" }) }),
    ].map((sent) => sent.then(() => "read", () => "refused"))))`);
    expect(tries).toEqual(["refused", "refused", "refused", "refused"]);
    const [, frame] = page.frames();
    expect(await frame?.locator("form").count()).toBe(0);
    expect(world.launched).toEqual([]);
    attacker.close();
    attacker.closeAllConnections();
  });
});
