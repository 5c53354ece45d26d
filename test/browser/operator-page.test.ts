import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { OperatorLogin } from "../../src/approval-page/operator-login.ts";
import { createOperatorPage } from "../../src/approval-page/operator-page.ts";
import { silentLog } from "../../src/lib/log.ts";
import { type PageWorld, startPageWorld } from "../approval-page/page-world.ts";
import { serveExamples } from "../mcp/example-tools.ts";
import { hasBrowser, openBrowser } from "../support/browser.ts";
import { gateOf, serveOne } from "../support/http/serve-one.ts";

const token = "correct-horse-battery-staple";

describe.skipIf(!hasBrowser)("the page behind the login in a browser", () => {
  let world: PageWorld;
  let server: Awaited<ReturnType<typeof serveOne>>;
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  beforeEach(async () => {
    world = await startPageWorld();
    const { clock, approvals } = world;
    const log = silentLog;
    const approvalPage = createOperatorPage({
      clock,
      log,
      login: new OperatorLogin({ clock, log, gate: gateOf(token) }),
      isLoopback: true,
      questionsOf: async () => ({
        approvals,
        clock,
        log,
        liveOf: () => world.live,
        isOnDashboard: () => true,
        onApproved: ({ summary }) => void world.launched.push(summary.batchId),
      }),
    });
    server = await serveOne({ ...serveExamples(), host: "127.0.0.1", port: 0, token, approvalPage });
    browser = await openBrowser({ width: 400, colorScheme: "dark" });
  });
  afterEach(async () => {
    await browser?.close();
    await server?.close();
    await world?.stop();
  });

  test("a person logs in, looks at a question, agrees, and is asked for the token again after 15 minutes", async () => {
    world.ask();
    const page = await browser.context.newPage();
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(server.url.replace("/mcp", "/approve"));
    const field = page.getByLabel("Token of this server");
    await field.fill("wrong");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").waitFor();
    await field.fill(token);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("heading", { name: "1 question waits" }).waitFor();
    await page.reload();
    await page.getByRole("button", { name: "Look at it" }).click();
    await page.getByLabel("To agree").fill("1042");
    await page.getByRole("button", { name: "Call 1,042 people" }).click();
    await page.getByRole("heading", { name: "Agreed: 1,042 people" }).waitFor();
    const live = page.getByRole("link", { name: "Watch it on the page of all batches" });
    expect(await live.getAttribute("href")).toBe("/#/batch/batch_7f3a");
    world.calls.batch = { ...world.calls.batch, facts: [{ label: "Done", text: "60 of 1,042 people" }] };
    await page.getByText("60 of 1,042 people").waitFor();
    await page.getByRole("button", { name: "Stop the calls" }).click();
    await page.getByText("Stopped: nobody else is called").waitFor();
    expect(world.stopped).toEqual(["batch_7f3a by http"]);
    await page.getByRole("button", { name: "All questions" }).click();
    await page.getByRole("heading", { name: "Nothing waits for you" }).waitFor();
    expect(world.launched).toEqual(["batch_7f3a"]);
    expect(await page.evaluate("document.cookie")).toBe("");
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(400);
    await world.clock.advance({ minutes: 15 });
    await page.getByRole("button", { name: "Look again" }).click();
    await field.waitFor();
    expect(complaints).toEqual([]);
  });
});
