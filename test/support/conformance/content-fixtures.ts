import {
  type CallToolResult,
  completable,
  type InputRequiredResult,
  type McpServer,
  ResourceTemplate,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { z } from "zod";

// What the suite calls, reads and gets, in the words of its scenarios. None of it is in the package.

export const description = "A fixture of the conformance suite.";

const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAAC0lEQVR4nGNgAAIAAAUAAXpeqz8AAAAASUVORK5CYII=";
/** The header of a WAV file that has no sound. */
const wav = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA=";
const image = { type: "image", data: png, mimeType: "image/png" } as const;
const text = (words: string) => ({ type: "text", text: words }) as const;
const embedded = (uri: string, mimeType: string, words: string) =>
  ({ type: "resource", resource: { uri, mimeType, text: words } }) as const;

type ToolAnswer = CallToolResult | InputRequiredResult;
export type RunFixture = (context: ServerContext) => ToolAnswer | Promise<ToolAnswer>;

/** A tool without arguments. */
export function addTool(server: McpServer, name: string, run: RunFixture): void {
  server.registerTool(name, { description, inputSchema: z.object({}) }, (_args, context) => run(context));
}

export function said(words: string): CallToolResult {
  return { content: [text(words)] };
}

const answers: Readonly<Record<string, CallToolResult>> = {
  test_simple_text: said("This is a simple text response for testing."),
  test_image_content: { content: [image] },
  test_audio_content: { content: [{ type: "audio", data: wav, mimeType: "audio/wav" }] },
  test_embedded_resource: {
    content: [embedded("test://embedded-resource", "text/plain", "This is an embedded resource content.")],
  },
  test_multiple_content_types: {
    content: [
      text("Multiple content types test:"),
      image,
      embedded("test://mixed-content-resource", "application/json", '{"test":"data","value":123}'),
    ],
  },
};

export function addContentTools(server: McpServer): void {
  for (const [name, answer] of Object.entries(answers)) addTool(server, name, () => answer);
  addTool(server, "test_error_handling", () => {
    throw new Error("This tool intentionally returns an error for testing");
  });
  addTool(server, "test_tool_with_progress", async ({ mcpReq }) => {
    const progressToken = mcpReq._meta?.progressToken;
    for (const progress of progressToken === undefined ? [] : [0, 50, 100])
      await mcpReq.notify({ method: "notifications/progress", params: { progressToken, progress, total: 100 } });
    return said("Done.");
  });
  for (const name of ["test_tool_with_logging", "test_logging_tool"])
    addTool(server, name, async ({ mcpReq }) => {
      for (const line of ["Tool execution started", "Tool processing data", "Tool execution completed"])
        await mcpReq.log("info", line);
      return said("Done.");
    });
}

export function addResources(server: McpServer): void {
  const plain = { mimeType: "text/plain" };
  server.registerResource("static-text", "test://static-text", plain, ({ href }) => ({
    contents: [{ uri: href, ...plain, text: "This is the content of the static text resource." }],
  }));
  server.registerResource("static-binary", "test://static-binary", { mimeType: "image/png" }, ({ href }) => ({
    contents: [{ uri: href, mimeType: "image/png", blob: png }],
  }));
  server.registerResource("watched", "test://watched-resource", plain, ({ href }) => ({
    contents: [{ uri: href, ...plain, text: "Watched." }],
  }));
  const template = new ResourceTemplate("test://template/{id}/data", { list: undefined });
  server.registerResource("template", template, { mimeType: "application/json" }, ({ href }, { id }) => ({
    contents: [
      {
        uri: href,
        mimeType: "application/json",
        text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }),
      },
    ],
  }));
}

export function addPrompts(server: McpServer): void {
  const user = <Content>(content: Content) => ({ role: "user", content }) as const;
  server.registerPrompt("test_simple_prompt", { description }, () => ({
    messages: [user(text("This is a simple prompt for testing."))],
  }));
  const two = z.object({
    arg1: completable(z.string(), (typed) => ["paris", "park", "party"].filter((word) => word.startsWith(typed))),
    arg2: z.string(),
  });
  server.registerPrompt("test_prompt_with_arguments", { description, argsSchema: two }, ({ arg1, arg2 }) => ({
    messages: [user(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`))],
  }));
  const one = z.object({ resourceUri: z.string() });
  server.registerPrompt("test_prompt_with_embedded_resource", { description, argsSchema: one }, ({ resourceUri }) => ({
    messages: [
      user(embedded(resourceUri, "text/plain", "Embedded resource content for testing.")),
      user(text("Please process the embedded resource above.")),
    ],
  }));
  server.registerPrompt("test_prompt_with_image", { description }, () => ({
    messages: [user(image), user(text("Please analyze the image above."))],
  }));
}
