/**
 * Takes the pictures in docs/images/, in headless Chromium: every page and state that a person sees, wide and light, narrow and dark. With
 * `--all FOLDER` it takes them at every width, light and dark, into that folder, to be looked at; with `--only TEXT` those with such a name.
 */

import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Page } from "playwright-core";
import { OperatorLogin } from "../src/approval-page/operator-login.ts";
import { createOperatorPage } from "../src/approval-page/operator-page.ts";
import type { ListAskedPeople } from "../src/campaigns/approve/approval.ts";
import { silentLog } from "../src/lib/log.ts";
import { selectResources } from "../src/resources/index.ts";
import { tools } from "../src/tools/index.ts";
import { startPageWorld } from "../test/approval-page/page-world.ts";
import { serveDashboard, serveDashboardOf } from "../test/dashboard/dashboard-world.ts";
import { serveExamples } from "../test/mcp/example-tools.ts";
import { closeAll, token } from "../test/mcp/http-world.ts";
import { startAppHost } from "../test/support/app-host/app-host.ts";
import { openBrowser } from "../test/support/browser.ts";
import { campaignStates, startCampaign } from "../test/support/campaigns/campaign-states.ts";
import { gateOf, serveOne } from "../test/support/http/serve-one.ts";
import { numberOf } from "../test/support/world.ts";

type Shot = { readonly width: number; readonly colorScheme: "light" | "dark" };

const { values } = parseArgs({ options: { all: { type: "string" }, only: { type: "string", default: "" } } });
const isAll = values.all !== undefined;
const folder =
  values.all === undefined ? fileURLToPath(new URL("../../docs/images/", import.meta.url)) : `${values.all}/`;
await mkdir(folder, { recursive: true });

async function shoot(name: string, { width, colorScheme }: Shot, show: (page: Page) => Promise<void>): Promise<void> {
  const browser = await openBrowser({ width, height: 400, colorScheme });
  const page = await browser.context.newPage();
  await show(page);
  const path = `${folder}${name}-${width}-${colorScheme}.png`;
  const height: number = await page.evaluate("document.documentElement.scrollHeight");
  // The rest of a long page is rows like those above.
  const clip = { x: 0, y: 0, width, height: isAll ? height : Math.min(height, 1_400) };
  await page.screenshot({ path, fullPage: true, clip });
  await browser.close();
  console.log(path);
}

const shots: readonly Shot[] = isAll
  ? [400, 800, 1200].flatMap((width) => [
      { width, colorScheme: "light" },
      { width, colorScheme: "dark" },
    ])
  : [
      { width: 400, colorScheme: "dark" },
      { width: 1200, colorScheme: "light" },
    ];
const isWanted = (name: string): boolean => name.includes(values.only);

/** Takes one picture a shot of a page that is not open yet. */
async function shootEach(name: string, show: (page: Page, shot: Shot) => Promise<void>): Promise<void> {
  if (!isWanted(name)) return;
  for (const shot of shots) await shoot(name, shot, (page) => show(page, shot));
}

const names = [
  "Ana Alvarez",
  "Ben Brandt",
  "Chiara Costa",
  "Dmitri Dubois",
  "Esra Eriksen",
  "Farid Fischer",
  "Grace Garcia",
];

/** 1,042 people with names, as a person's own list has them. */
const listNamed: ListAskedPeople = async (_request, { page, limit }) => ({
  total: 1042,
  people: Array.from({ length: limit }, (_, at) => ({
    row: page * limit + at + 2,
    label: names[at % names.length] ?? "",
    maskedNumber: `+1 *** *** ${String(1100 + at * 7).padStart(4, "0")}`,
  })),
});

async function shootApproval(): Promise<void> {
  const world = await startPageWorld(listNamed);
  world.calls.batch = {
    ...world.calls.batch,
    name: "June reminders",
    state: "Scheduled",
    facts: [{ label: "Done", text: "0 of 1,042 people" }],
  };
  const link = world.page.urlFor(world.ask());
  await shootEach("approval", async (page) => {
    await page.goto(link);
    await page.getByLabel("To agree").waitFor();
  });
  await shootEach("approval-list", async (page) => {
    await page.goto(link);
    await page.getByRole("button", { name: "Look at the whole list" }).click();
    await page.getByRole("heading", { name: "Who would be called" }).waitFor();
  });
  await shootEach("approval-agreed", async (page, { width, colorScheme }) => {
    const asked = world.ask({ batchId: `batch_${width}_${colorScheme}`, hasBrake: true });
    await page.goto(world.page.urlFor(asked));
    await page.getByLabel("To agree").fill("1042");
    await page.getByRole("button", { name: "Call 1,042 people" }).click();
    await page.getByRole("button", { name: "Stop the calls" }).waitFor();
  });
  await world.stop();
}

async function shootApprove(): Promise<void> {
  const world = await startPageWorld();
  const { clock, approvals, live } = world;
  const log = silentLog;
  const login = new OperatorLogin({ clock, log, gate: gateOf(token) });
  const approvalPage = createOperatorPage({
    clock,
    log,
    login,
    isLoopback: true,
    questionsOf: async () => ({
      approvals,
      clock,
      log,
      liveOf: () => live,
      isOnDashboard: () => true,
      onApproved() {},
    }),
  });
  const server = await serveOne({ ...serveExamples(), host: "127.0.0.1", port: 0, token, approvalPage });
  const url = server.url.replace("/mcp", "/approve");
  await shootEach("approve-login", async (page) => {
    await page.goto(url);
    await page.getByLabel("Token of this server").waitFor();
  });
  world.ask();
  await shootEach("approve-list", async (page) => {
    await page.goto(url);
    await page.getByLabel("Token of this server").fill(token);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("heading", { name: "1 question waits" }).waitFor();
  });
  await server.close();
  await world.stop();
}

async function shootViews(): Promise<void> {
  const host = await startAppHost();
  for (const state of campaignStates.filter((one) => isWanted(`view-${one}`))) {
    const { world, batchId } = await startCampaign(state);
    const server = await serveOne({
      ...serveExamples({ tools, resources: selectResources({ isReadOnly: false }) }),
      makeContext: (caller) => ({ ...world.context, ...caller }),
      host: "127.0.0.1",
      port: 0,
    });
    await shootEach(`view-${state}`, async (page, { width, colorScheme }) => {
      const view = { url: server.url, tool: "get_batch_status", args: { batch_id: batchId }, theme: colorScheme };
      const frame = await host.open(page, view);
      await frame.getByRole("heading", { name: "Recipients", exact: true }).waitFor();
      const height: number = await frame.evaluate("Math.ceil(document.body.getBoundingClientRect().height)");
      // What of a frame is outside of the window is not painted.
      await page.setViewportSize({ width, height: height + 1 });
      await frame.evaluate("new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown)))");
    });
    await server.close();
    await world.stop();
  }
  await host.close();
}

/** The folder of this world means nothing to whoever looks at the picture. */
const hideFolder = `for (const cell of document.querySelectorAll("th"))
  for (const node of cell.childNodes) node.data &&= node.data.replace(/ in \\S+files/, " in ~/Documents/batch-call")`;

async function shootDashboard(): Promise<void> {
  const { world, batchId } = await startCampaign("paused");
  await world.tool("update_do_not_call_list", {
    action: "add",
    numbers: [numberOf(9)],
    reason: "Asked us not to call",
  });
  const url = await serveDashboardOf(world);
  await shootPlace("page-batches", `${url}#/`, "June check-up reminders");
  await shootPlace("page-batch", `${url}#/batch/${batchId}`, "240 people, page 1 of");
  await shootPlace("page-lists", `${url}#/lists`, "240 accepted");
  await shootPlace("page-do-not-call", `${url}#/do-not-call`, "Asked us not to call");
  await closeAll();
  const live = await startCampaign("asked");
  await shootPlace("page-record", `${await serveDashboardOf(live.world)}#/record`, "Asked");
  await closeAll();
  const guarded = await serveDashboard({}, true);
  await shootPlace("page-login", guarded.url, "Token of this server");
  await closeAll();
}

async function shootPlace(name: string, url: string, words: string): Promise<void> {
  await shootEach(name, async (page) => {
    await page.goto(url);
    await page.getByText(words).first().waitFor();
    await page.evaluate(hideFolder);
  });
}

if (isWanted("approval-list") || isWanted("approval-agreed")) await shootApproval();
if (isWanted("approve-login") || isWanted("approve-list")) await shootApprove();
await shootViews();
await shootDashboard();
