import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Frame, Page } from "playwright-core";
import { rolldown } from "rolldown";

const page = (script: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Host</title><style>body{margin:0}</style></head><body><script>${script}</script></body></html>`;

export type AppHost = {
  /** Calls a tool of the server at `url` and answers the frame of its view. */
  open(page: Page, view: OpenedView): Promise<Frame>;
  close(): Promise<void>;
};

export type OpenedView = {
  readonly url: string;
  readonly tool: string;
  readonly args: object;
  readonly theme?: "light" | "dark";
  /** What the host lets a view do; everything that a view here can use unless given. */
  readonly capabilities?: object;
};

// The package by its own name: right from test/ and build/ alike.
const root = join(createRequire(import.meta.url).resolve("batch-call-mcp/package.json"), "..");
const hostPage = join(root, "test/support/app-host/host-page.mjs");

const everything = { serverTools: {}, serverResources: {}, openLinks: {}, updateModelContext: { text: {} } };

/** Serves a page that is a host of MCP Apps, by the official package, bundled for a browser. */
export async function startAppHost(): Promise<AppHost> {
  const built = await rolldown({
    input: hostPage,
    platform: "browser",
    logLevel: "silent",
  });
  const { output } = await built.generate({ format: "iife", minify: true });
  await built.close();
  const html = page(output[0].code.replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--"));
  const server = createServer((_request, response) => response.setHeader("Content-Type", "text/html").end(html));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    async open(shown, { theme = "light", capabilities = everything, ...view }) {
      await shown.goto(`http://127.0.0.1:${port}/`);
      await shown.evaluate(`openView(${JSON.stringify({ ...view, capabilities, context: { theme } })})`);
      const [, frame] = shown.frames();
      if (!frame) throw new Error("The host shows no view");
      return frame;
    },
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
