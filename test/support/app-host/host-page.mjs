// Runs in the browser of a test: a host as the official package makes one, which shows the view of a tool in a sandboxed frame.
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { AppBridge, getToolUiResourceUri, PostMessageTransport } from "@modelcontextprotocol/ext-apps/app-bridge";

/** Calls a tool and shows its view; `capabilities` are what the host lets a view do. */
globalThis.openView = async ({ url, tool, args, context, capabilities }) => {
  const client = new Client({ name: "test-host", version: "1" });
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  const { tools } = await client.listTools();
  const uri = getToolUiResourceUri(tools.find(({ name }) => name === tool));
  const { contents } = await client.readResource({ uri });
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "allow-scripts");
  frame.style.cssText = "display: block; width: 100%; height: 200px; border: 0";
  document.body.append(frame);
  const bridge = new AppBridge(client, { name: "test-host", version: "1" }, capabilities, { hostContext: context });
  globalThis.host = { bridge, sizes: [], links: [], told: [], mimeType: contents[0].mimeType, closed: false };
  bridge.onsizechange = ({ height }) => {
    globalThis.host.sizes.push(height);
    if (height) frame.style.height = `${height}px`;
  };
  bridge.onopenlink = async ({ url: link }) => {
    globalThis.host.links.push(link);
    return {};
  };
  bridge.onupdatemodelcontext = async ({ content }) => {
    globalThis.host.told.push(...content.map(({ text }) => text));
    return {};
  };
  const begun = new Promise((resolve) => {
    bridge.oninitialized = resolve;
  });
  await bridge.connect(new PostMessageTransport(frame.contentWindow, frame.contentWindow));
  frame.srcdoc = contents[0].text;
  await begun;
  await bridge.sendToolInput({ arguments: args });
  const result = await client.callTool({ name: tool, arguments: args });
  await bridge.sendToolResult(result);
};
