import { afterEach, describe, expect, test } from "vitest";
import { type PageWorld, startPageWorld } from "../approval-page/page-world.ts";
import { hasBrowser, openBrowser } from "../support/browser.ts";

/** In the browser: the contrast of each text with what lies behind it, as WCAG 2.2 reckons it, and its text. */
const contrasts = `
(() => {
  const channels = (color) => color.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => [r, g, b]
    .map((value) => value / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
    .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
  const behind = (element) => {
    const color = channels(getComputedStyle(element).backgroundColor);
    return color[3] === 0 ? behind(element.parentElement) : color;
  };
  return [...document.querySelectorAll("h1, p, dt, dd span, label, button, input")].map((element) => {
    const [light, dark] = [luminance(channels(getComputedStyle(element).color)), luminance(behind(element))]
      .sort((a, b) => b - a);
    return { text: element.textContent, ratio: (light + 0.05) / (dark + 0.05) };
  });
})()`;

describe.skipIf(!hasBrowser)("how the page looks", () => {
  let world: PageWorld | undefined;
  let browser: Awaited<ReturnType<typeof openBrowser>> | undefined;
  afterEach(async () => {
    await browser?.close();
    await world?.stop();
  });

  const looks = [400, 1200].flatMap((width) =>
    (["light", "dark"] as const).map((colorScheme) => ({ width, colorScheme })),
  );

  test.each(looks)("at $width px, $colorScheme: nothing sticks out, all can be read and hit", async (look) => {
    world = await startPageWorld();
    browser = await openBrowser(look);
    const page = await browser.context.newPage();
    const long = { name: "x".repeat(180), samples: [`+1 *** *** 0123, url: ${"y".repeat(120)}`] };
    await page.goto(world.page.urlFor(world.ask(long)));
    await page.getByLabel("To agree").fill("1");
    await page.getByRole("button", { name: "Call 1,042 people" }).click();
    await page.getByRole("alert").waitFor();
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(look.width);
    const read: { text: string; ratio: number }[] = await page.evaluate(contrasts);
    expect(read.length).toBeGreaterThan(20);
    expect(read.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
    for (const control of await page.locator("input:not([type=hidden]), button").all())
      expect((await control.boundingBox())?.height).toBeGreaterThanOrEqual(40);
  });
});
