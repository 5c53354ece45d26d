import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium } from "playwright-core";

export const executablePath = "/usr/bin/chromium";

// A closed network makes each of the browser's own connections wait until it is refused.
export const browserArgs = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Where no browser is, its tests are skipped; in CI they fail instead. */
export const hasBrowser = existsSync(executablePath) || process.env.CI === "true";

if (!hasBrowser)
  process.stderr.write(`No ${executablePath}: the browser tests are skipped. apt-get install chromium\n`);

export type Look = { readonly width: number; readonly height?: number; readonly colorScheme?: "light" | "dark" };

/** A browser that remembers nothing: its profile is thrown away with it. */
export async function openBrowser({ width, height = 900, colorScheme = "light" }: Look): Promise<{
  readonly context: BrowserContext;
  close(): Promise<void>;
}> {
  const profile = await mkdtemp(join(tmpdir(), "chromium-"));
  const viewport = { width, height };
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: browserArgs,
    viewport,
    colorScheme,
  });
  return {
    context,
    async close() {
      await context.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
