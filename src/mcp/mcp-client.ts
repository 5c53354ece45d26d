import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  type McpServer,
  type ProtocolEra,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import { plainText } from "../domain/text.ts";

/** What is known of the client that makes a call. */
type McpClient = { readonly name?: string; readonly hasForms: boolean };

const longestName = 60;

const description = z.object({
  [CLIENT_INFO_META_KEY]: z.object({ name: z.string() }).optional(),
  [CLIENT_CAPABILITIES_META_KEY]: z
    .object({ elicitation: z.object({ form: z.unknown(), url: z.unknown() }).partial().optional() })
    .optional(),
});

/**
 * Since 2026-07-28 a client describes itself with every request. Before, it does so once when it opens the connection,
 * of which a server over HTTP without sessions knows nothing.
 */
export function describeClient({ server }: McpServer, era: ProtocolEra, { mcpReq }: ServerContext): McpClient {
  const described = description.parse(
    era === "modern"
      ? mcpReq.envelope
      : {
          [CLIENT_INFO_META_KEY]: server.getClientVersion(),
          [CLIENT_CAPABILITIES_META_KEY]: server.getClientCapabilities(),
        },
  );
  const name = described[CLIENT_INFO_META_KEY]?.name;
  const forms = described[CLIENT_CAPABILITIES_META_KEY]?.elicitation;
  // Before 2025-11-25 there were no modes but forms, and an empty object stood for them.
  const hasForms = forms !== undefined && (forms.form !== undefined || forms.url === undefined);
  return { ...(name !== undefined && { name: plainText(name, longestName) }), hasForms };
}
