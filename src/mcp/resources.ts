import {
  type McpServer,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  ResourceTemplate,
} from "@modelcontextprotocol/server";
import { Problem } from "../domain/problem.ts";
import type { ReadContext, Resource } from "../resources/resource.ts";

/** Offers resources on a server. `makeContext` makes what one read is given; it is made anew each time. `onListed` hears of each listing. */
export function registerResources(
  server: McpServer,
  resources: readonly Resource[],
  makeContext: (signal?: AbortSignal) => ReadContext,
  onListed: () => void = () => {},
): void {
  for (const resource of resources) {
    const { name, title, description, mimeType, uriTemplate } = resource;
    const variable = /\{(\w+)\}/.exec(uriTemplate)?.[1] ?? "";
    const template = new ResourceTemplate(uriTemplate, {
      list:
        resource.list &&
        (async () => {
          onListed();
          return { resources: await list(resource, variable, makeContext()) };
        }),
      complete: {
        ...(resource.complete && {
          [variable]: async (typed: string) => [...((await resource.complete?.(typed, makeContext())) ?? [])],
        }),
      },
    });
    server.registerResource(name, template, { title, description, mimeType }, async (uri, variables, { mcpReq }) => {
      const id = variables[variable];
      const text = await read(resource, String(id), uri, () => makeContext(mcpReq.signal));
      return { contents: [{ uri: uri.href, mimeType, text }] };
    });
  }
}

async function list({ uriTemplate, mimeType, list: read }: Resource, variable: string, context: ReadContext) {
  const listed = (await read?.(context)) ?? [];
  return listed.map(({ id, name }) => ({
    uri: uriTemplate.replace(`{${variable}}`, encodeURIComponent(id)),
    name,
    mimeType,
  }));
}

async function read(resource: Resource, id: string, uri: URL, makeContext: () => ReadContext): Promise<string> {
  try {
    return await resource.read(id, makeContext(), uri.searchParams);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const text = `${error.code}: ${error.message}`;
    if (error.code === "not_found") throw new ResourceNotFoundError(uri.href, text);
    throw new ProtocolError(ProtocolErrorCode.InternalError, text);
  }
}
