import { completable, type McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";
import type { Prompt, PromptArgument } from "../prompts/prompt.ts";
import type { ReadContext } from "../resources/resource.ts";

/** Offers prompts on a server. `makeContext` makes what one completion is given. */
export function registerPrompts(server: McpServer, prompts: readonly Prompt[], makeContext: () => ReadContext): void {
  for (const { name, title, description, arguments: named, write } of prompts) {
    const shape = Object.fromEntries(named.map((argument) => [argument.name, toSchema(argument, makeContext)]));
    server.registerPrompt(name, { title, description, argsSchema: z.object(shape) }, (given) => ({
      messages: [{ role: "user", content: { type: "text", text: write(given) } }],
    }));
  }
}

function toSchema({ description, isRequired, complete }: PromptArgument, makeContext: () => ReadContext) {
  const text = (isRequired ? z.string().min(1) : z.string()).describe(description);
  // The SDK looks for completions inside what may be left out.
  const schema = complete ? completable(text, async (typed) => [...(await complete(typed, makeContext()))]) : text;
  return isRequired ? schema : schema.optional();
}
