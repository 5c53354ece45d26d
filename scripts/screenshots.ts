/** Takes the pictures of the approval page in docs/images/, in headless Chromium. */
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { startPageWorld } from "../test/approval-page/page-world.ts";
import { openBrowser } from "../test/support/browser.ts";

const folder = fileURLToPath(new URL("../../docs/images/", import.meta.url));
await mkdir(folder, { recursive: true });

const world = await startPageWorld();
const link = world.page.urlFor(world.ask());
for (const width of [400, 1200]) {
  for (const colorScheme of ["light", "dark"] as const) {
    const browser = await openBrowser({ width, height: 400, colorScheme });
    const page = await browser.context.newPage();
    await page.goto(link);
    await page.getByLabel("To agree").waitFor();
    const path = `${folder}approval-${width}-${colorScheme}.png`;
    await page.screenshot({ path, fullPage: true });
    await browser.close();
    console.log(path);
  }
}
await world.stop();
