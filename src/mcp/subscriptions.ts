import { type McpServer, ProtocolError, ProtocolErrorCode, ResourceNotFoundError } from "@modelcontextprotocol/server";
import { mostWatched, type ResourceWatch } from "../resources/resource-watch.ts";

const tooMany = `At most ${mostWatched} addresses are watched at once. Unsubscribe from some first.`;

/**
 * Up to 2025-11-25, over a connection that lasts: tells of addresses that the client subscribed to, and of the list of resources
 * once the client has read it, since what it never read cannot be out of date. Returns what is to be called at each such reading.
 */
export function offerSubscriptions({ server }: McpServer, watch: ResourceWatch): () => void {
  const stops = new Map<string, () => void>();
  const listKey = "";
  server.setRequestHandler("resources/subscribe", async ({ params: { uri } }) => {
    if (stops.has(uri)) return {};
    if (stops.size >= mostWatched) throw new ProtocolError(ProtocolErrorCode.InvalidParams, tooMany);
    const { isThere, stop } = watch.watch({ uris: [uri], isListWatched: false }, () =>
      tell(server.sendResourceUpdated({ uri })),
    );
    stops.set(uri, stop);
    if (await isThere) return {};
    stops.delete(uri);
    stop();
    throw new ResourceNotFoundError(uri, `not_found: There is nothing at ${uri} that could change.`);
  });
  server.setRequestHandler("resources/unsubscribe", ({ params: { uri } }) => {
    stops.get(uri)?.();
    stops.delete(uri);
    return {};
  });
  server.onclose = () => {
    for (const stop of stops.values()) stop();
    stops.clear();
  };
  return () => {
    if (stops.has(listKey)) return;
    const { stop } = watch.watch({ uris: [], isListWatched: true }, () => tell(server.sendResourceListChanged()));
    stops.set(listKey, stop);
  };
}

/** A client that is gone hears nothing. */
function tell(sent: Promise<void>): void {
  sent.catch(() => {});
}
