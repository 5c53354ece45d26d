import type { McpServer } from "@modelcontextprotocol/server";
import { FormStates } from "../../../src/mcp/form-state.ts";
import type { RunningHttpServer } from "../../../src/mcp/http.ts";
import { buildServerFactory } from "../../../src/mcp/server.ts";
import { serveExamples } from "../../mcp/example-tools.ts";
import { serveOne } from "../http/serve-one.ts";
import { addAskingTools } from "./asking-fixtures.ts";
import { addContentTools, addPrompts, addResources } from "./content-fixtures.ts";
import { addSchemaTools } from "./schema-fixtures.ts";

/** Our transport and our servers on a free loopback port, with what the conformance suite wants to find on a server. */
export function serveFixtures(): Promise<RunningHttpServer> {
  return serveOne({ ...serveExamples(), host: "127.0.0.1", port: 0 }, (served, now) => {
    const forms = new FormStates();
    const makeServer = buildServerFactory(served, () => ({ ...now(), forms }));
    return (request) => {
      const server = makeServer(request);
      if (request.era === "legacy") addHandshakeEra(server);
      for (const add of [addContentTools, addSchemaTools, addResources, addPrompts]) add(server);
      addAskingTools(server, forms);
      return server;
    };
  });
}

/** What 2026-07-28 took out of the protocol. */
function addHandshakeEra({ server }: McpServer): void {
  server.registerCapabilities({ logging: {}, resources: { subscribe: true } });
  for (const method of ["resources/subscribe", "resources/unsubscribe"] as const)
    server.setRequestHandler(method, () => ({}));
}
