/**
 * Takes the pictures in docs/images/, in headless Chromium: the approval page and the view of a batch. With `--all FOLDER` it takes every
 * state at every width, light and dark, into that folder, to be looked at.
 */

import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Page } from "playwright-core";
import { selectResources } from "../src/resources/index.ts";
import { tools } from "../src/tools/index.ts";
import { startPageWorld } from "../test/approval-page/page-world.ts";
import { serveExamples } from "../test/mcp/example-tools.ts";
import { startAppHost } from "../test/support/app-host/app-host.ts";
import { openBrowser } from "../test/support/browser.ts";
import { type CampaignState, campaignStates, startCampaign } from "../test/support/campaigns/campaign-states.ts";
import { serveOne } from "../test/support/http/serve-one.ts";

type Shot = { readonly width: number; readonly colorScheme: "light" | "dark" };

const { values } = parseArgs({ options: { all: { type: "string" }, only: { type: "string", default: "" } } });
const folder =
  values.all === undefined ? fileURLToPath(new URL("../../docs/images/", import.meta.url)) : `${values.all}/`;
await mkdir(folder, { recursive: true });

async function shoot(name: string, { width, colorScheme }: Shot, show: (page: Page) => Promise<void>): Promise<void> {
  const browser = await openBrowser({ width, height: 400, colorScheme });
  const page = await browser.context.newPage();
  await show(page);
  const path = `${folder}${name}-${width}-${colorScheme}.png`;
  await page.screenshot({ path, fullPage: true });
  await browser.close();
  console.log(path);
}

const isAll = values.all !== undefined;
const widths = isAll ? [400, 800, 1200] : [400, 1200];
const shots = widths.flatMap((width) => (["light", "dark"] as const).map((colorScheme) => ({ width, colorScheme })));
const isWanted = (name: string): boolean => name.includes(values.only);

if (isWanted("approval")) {
  const world = await startPageWorld();
  const link = world.page.urlFor(world.ask());
  for (const shot of shots) {
    await shoot("approval", shot, async (page) => {
      await page.goto(link);
      await page.getByLabel("To agree").waitFor();
    });
    if (!isAll) continue;
    await shoot("approval-list", shot, async (page) => {
      await page.goto(link);
      await page.getByRole("button", { name: "Look at the whole list" }).click();
      await page.getByRole("heading", { name: "Who would be called" }).waitFor();
    });
    await shoot("approval-agreed", shot, async (page) => {
      await page.goto(
        world.page.urlFor(world.ask({ batchId: `batch_${shot.width}_${shot.colorScheme}`, hasBrake: true })),
      );
      await page.getByLabel("To agree").fill("1042");
      await page.getByRole("button", { name: "Call 1,042 people" }).click();
      await page.getByRole("button", { name: "Stop the calls" }).waitFor();
    });
  }
  await world.stop();
}

const host = await startAppHost();
const shown: readonly CampaignState[] = isAll ? campaignStates : ["running"];
for (const state of shown.filter((one) => isWanted(`view-${one}`))) {
  const { world, batchId } = await startCampaign(state);
  const server = await serveOne({
    ...serveExamples({ tools, resources: selectResources({ isReadOnly: false }) }),
    makeContext: (caller) => ({ ...world.context, ...caller }),
    host: "127.0.0.1",
    port: 0,
  });
  const taken = isAll ? shots : shots.filter(({ width, colorScheme }) => (width === 400) === (colorScheme === "dark"));
  for (const shot of taken) {
    await shoot(`view-${state}`, shot, async (page) => {
      const view = { url: server.url, tool: "get_batch_status", args: { batch_id: batchId }, theme: shot.colorScheme };
      const frame = await host.open(page, view);
      await frame.getByRole("heading", { name: "Recipients", exact: true }).waitFor();
      const height: number = await frame.evaluate("Math.ceil(document.body.getBoundingClientRect().height)");
      // What of a frame is outside of the window is not painted.
      await page.setViewportSize({ width: shot.width, height: height + 1 });
      await frame.evaluate("new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown)))");
    });
  }
  await server.close();
  await world.stop();
}
await host.close();
