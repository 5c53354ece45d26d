import { readFile } from "node:fs/promises";
import type { McpServer } from "@modelcontextprotocol/server";
import { packageFile } from "../lib/package-file.ts";
import type { Resource } from "../resources/resource.ts";
import { viewDataResource } from "../resources/view-data.ts";

// MCP Apps, revision 2026-01-26: a tool names a page, which a host shows in a frame of its own and which calls tools through the host.

const viewUri = "ui://batches/campaign";
const mimeType = "text/html;profile=mcp-app";

/** What a listed tool says of its view. */
export const viewMeta = { ui: { resourceUri: viewUri } };

/** Whether there is a view: where what it shows is offered. */
export function offersView(resources: readonly Resource[]): boolean {
  return resources.includes(viewDataResource);
}

/** Offers the page to hosts. */
export function registerView(server: McpServer): void {
  const description =
    "A batch as it moves: done and to come, outcomes, answers, who waits and why, and each recipient.";
  server.registerResource("campaign-view", viewUri, { title: "View of a batch", description, mimeType }, async () => ({
    contents: [{ uri: viewUri, mimeType, text: await readView("campaign"), _meta: { ui: { prefersBorder: true } } }],
  }));
}

/** A page as `npm run build` made it. */
export async function readView(name: "campaign" | "page"): Promise<string> {
  return readFile(packageFile("dist", "view", `${name}.html`), "utf8");
}
