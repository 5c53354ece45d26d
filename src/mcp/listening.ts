import {
  INVALID_PARAMS,
  type JSONRPCMessage,
  type ServerEvent,
  type ServerEventBus,
  SUBSCRIPTION_ID_META_KEY,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import { mostWatched, type ResourceChange, type ResourceWatch, type Watched } from "../resources/resource-watch.ts";
import { type FrameError, frameError } from "./frames.ts";

// `subscriptions/listen` of 2026-07-28: the SDK acknowledges, filters and ends subscriptions, and says to nobody what they are for.

const id = z.union([z.string(), z.number()]);
const filter = z
  .object({ resourcesListChanged: z.boolean(), resourceSubscriptions: z.array(z.string()) })
  .partial()
  .transform(
    ({ resourceSubscriptions: uris = [], resourcesListChanged = false }): Watched => ({
      uris,
      isListWatched: resourcesListChanged,
    }),
  );
const listenRequest = z.object({
  method: z.literal("subscriptions/listen"),
  id,
  params: z.object({ notifications: filter }),
});
const acknowledged = z.object({
  method: z.literal("notifications/subscriptions/acknowledged"),
  params: z.object({ notifications: filter, _meta: z.object({ [SUBSCRIPTION_ID_META_KEY]: id }) }),
});
const cancelled = z.object({ method: z.literal("notifications/cancelled"), params: z.object({ requestId: id }) });

/** The error for a request to listen that asks for too much; undefined for every other message. */
export function refuseListening(message: unknown): FrameError | undefined {
  const { data } = listenRequest.safeParse(message);
  if (!data || data.params.notifications.uris.length <= mostWatched) return undefined;
  const asked = data.params.notifications.uris.length;
  return frameError(data.id, INVALID_PARAMS, `At most ${mostWatched} addresses are watched at once, not ${asked}.`);
}

export function isListening(message: unknown): boolean {
  return listeningId(message) !== undefined;
}

/** Id of a request to listen; undefined for every other message. */
export function listeningId(message: unknown): string | number | undefined {
  return listenRequest.safeParse(message).data?.id;
}

/** Subscriptions over stdio, as their messages pass by; `send` puts one on the wire. */
export class StdioListening {
  readonly #watch: ResourceWatch;
  readonly #send: (message: JSONRPCMessage) => void;
  readonly #stops = new Map<string | number, () => void>();

  constructor(watch: ResourceWatch, send: (message: JSONRPCMessage) => void) {
    this.#watch = watch;
    this.#send = send;
  }

  sent(message: JSONRPCMessage): void {
    const { data } = acknowledged.safeParse(message);
    if (!data) return;
    const { notifications, _meta } = data.params;
    const subscription = _meta[SUBSCRIPTION_ID_META_KEY];
    this.#end(subscription);
    const tell = (change: ResourceChange): void =>
      this.#send({
        jsonrpc: "2.0",
        ...toNotification(change),
        params: { ...("uri" in change && { uri: change.uri }), _meta: { [SUBSCRIPTION_ID_META_KEY]: subscription } },
      });
    this.#stops.set(subscription, this.#watch.watch(notifications, tell).stop);
  }

  received(message: JSONRPCMessage): void {
    const { data } = cancelled.safeParse(message);
    if (data) this.#end(data.params.requestId);
  }

  close(): void {
    for (const subscription of this.#stops.keys()) this.#end(subscription);
  }

  #end(subscription: string | number): void {
    this.#stops.get(subscription)?.();
    this.#stops.delete(subscription);
  }
}

function toNotification({ kind }: ResourceChange): { readonly method: string } {
  return { method: kind === "updated" ? "notifications/resources/updated" : "notifications/resources/list_changed" };
}

/** Where the SDK's handler hears of changes: `now` tells, of the request that is being handled, whose changes and which. */
export function createHttpListening(
  now: () => { readonly watch: ResourceWatch; readonly message: unknown },
): ServerEventBus {
  return {
    subscribe(listener) {
      const { watch, message } = now();
      const watched = listenRequest.safeParse(message).data?.params.notifications;
      return watched ? watch.watch(watched, (change) => listener(toEvent(change))).stop : () => {};
    },
    // Nobody publishes: each subscription hears of what it watches.
    publish: () => {},
  };
}

function toEvent(change: ResourceChange): ServerEvent {
  return change.kind === "updated" ? { kind: "resource_updated", uri: change.uri } : { kind: "resources_list_changed" };
}
