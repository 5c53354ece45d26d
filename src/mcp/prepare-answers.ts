import { PassThrough } from "node:stream";
import { SUPPORTED_PROTOCOL_VERSIONS } from "@modelcontextprotocol/server";
import { silentLog } from "../lib/log.ts";
import { packageVersion } from "../lib/version.ts";
import { selectPrompts } from "../prompts/index.ts";
import { selectResources } from "../resources/index.ts";
import { selectTools } from "../tools/index.ts";
import type { PreparedAnswers } from "./early-answers.ts";
import type { ServedTools } from "./served.ts";
import { serveOverStdio } from "./stdio.ts";

/** The answers of a stdio server with all tools, as it gives them itself; `npm run build` keeps them. */
export async function prepareAnswers(hasTestNumbers: boolean): Promise<PreparedAnswers> {
  const selection = { isReadOnly: false };
  const served: ServedTools = {
    tools: selectTools({ ...selection, hasTestNumbers }),
    resources: selectResources(selection),
    prompts: selectPrompts(selection),
    makeContext: () => {
      throw new Error("a list of tools needs no context");
    },
    version: packageVersion,
    log: silentLog,
  };
  const initialize: Record<string, unknown> = {};
  const lists = new Set<string>();
  for (const version of SUPPORTED_PROTOCOL_VERSIONS) {
    const opened = await askFirst(served, version);
    initialize[version] = opened.initialize;
    lists.add(JSON.stringify(opened.toolsList));
  }
  const [list, another] = lists;
  if (list === undefined || another !== undefined)
    throw new Error("the list of tools depends on the protocol's revision");
  return { initialize, toolsList: JSON.parse(list) };
}

/** What a client of that revision is answered first. */
async function askFirst(served: ServedTools, protocolVersion: string) {
  const [input, output, ending] = [new PassThrough(), new PassThrough(), new AbortController()];
  const over = serveOverStdio({ ...served, signal: ending.signal, input, output });
  const clientInfo = { name: "build", version: "1" };
  const requests = [
    { jsonrpc: "2.0", id: 1, method: "initialize", params: { protocolVersion, capabilities: {}, clientInfo } },
    { jsonrpc: "2.0", method: "notifications/initialized" },
    { jsonrpc: "2.0", id: 2, method: "tools/list" },
  ];
  for (const request of requests) input.write(`${JSON.stringify(request)}\n`);
  const results = await takeResults(output, 2);
  ending.abort();
  await over;
  return { initialize: results.get(1), toolsList: results.get(2) };
}

async function takeResults(output: PassThrough, wanted: number): Promise<ReadonlyMap<unknown, unknown>> {
  const results = new Map<unknown, unknown>();
  let rest = "";
  for await (const chunk of output.setEncoding("utf8")) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const { id, result, error } = JSON.parse(line);
      if (error) throw new Error(`the server refused a first request: ${JSON.stringify(error)}`);
      if (id !== undefined) results.set(id, result);
    }
    if (results.size === wanted) break;
  }
  return results;
}
