import { afterEach, describe, expect, it } from "vitest";
import { serveOverStdio } from "../../src/mcp/stdio.ts";
import { selectPrompts } from "../../src/prompts/index.ts";
import { selectResources } from "../../src/resources/index.ts";
import { tools } from "../../src/tools/index.ts";
import { type ClientKind, clientKinds, connectHttp, connectPipe, type TestClient } from "../support/mcp-clients.ts";
import { TestClock } from "../support/test-clock.ts";
import { waitUntil } from "../support/wait-until.ts";
import { request, startWorld, type World } from "../support/world.ts";
import { serveExamples } from "./example-tools.ts";
import { closeAll, closeLater, post, start } from "./http-world.ts";
import { createPipe, request as message, statelessRevision } from "./wire.ts";

afterEach(closeAll);

type Transport = "stdio" | "HTTP";

type Opened = {
  readonly world: World;
  readonly clock: TestClock;
  readonly client: TestClient;
  readonly url: string;
  leave(): Promise<void>;
};

/** A simulated account behind a server with a clock of its own, and a client of it. */
async function open(kind: ClientKind, transport: Transport): Promise<Opened> {
  const world = await startWorld();
  const clock = new TestClock("2026-03-02T15:00:00Z");
  closeLater(() => world.stop());
  const served = {
    tools,
    resources: selectResources({ isReadOnly: false }),
    prompts: selectPrompts({ isReadOnly: false }),
    makeContext: (caller: object) => ({ ...world.context, clock, ...caller }),
  };
  if (transport === "HTTP") {
    const url = await start(served);
    const client = await connectHttp(kind, url);
    closeLater(() => client.close());
    return { world, clock, client, url, leave: () => client.close() };
  }
  const pipe = createPipe();
  const ending = new AbortController();
  const over = serveOverStdio({ ...serveExamples(served), ...pipe, signal: ending.signal });
  closeLater(async () => {
    ending.abort();
    await over;
  });
  const client = await connectPipe(kind, pipe);
  closeLater(() => client.close());
  return { world, clock, client, url: "", leave: async () => void pipe.input.end() };
}

/** Where a client can be told: up to 2025-11-25 not over HTTP, where this server has no sessions. */
const told: readonly (readonly [ClientKind, Transport])[] = [
  ["sdk v1", "stdio"],
  ["sdk v2, 2025 era", "stdio"],
  ["sdk v2, 2026 era", "stdio"],
  ["sdk v2, 2026 era", "HTTP"],
];

/** Moves time by seconds until that holds. */
function asTimePasses(clock: TestClock, what: string, look: () => boolean): Promise<boolean> {
  return waitUntil(what, async () => {
    await clock.advance({ seconds: 1 });
    return look();
  });
}

const nobodyWatches = (clock: TestClock) => waitUntil("nothing runs any more", () => clock.nextTimerAt === undefined);

describe.each(told)("a client built on %s, over %s", (kind, transport) => {
  it("hears that a batch changed, at each of its addresses, until it ends that", async () => {
    const { world, clock, client } = await open(kind, transport);
    const { batch } = await world.tool("create_batch_call", request(3));
    const uri = `batch://${batch.batch_id}`;
    const heard: string[] = [];
    const stop = await client.listen([uri, `${uri}/report`], (what) => void heard.push(what));
    await waitUntil("it is watched", () => clock.nextTimerAt !== undefined);
    await world.tool("start_batch", { batch_id: batch.batch_id, start: "now" });
    await asTimePasses(clock, "both are told", () => heard.length >= 2);
    expect(heard.toSorted()).toEqual([uri, `${uri}/report`]);
    expect(JSON.parse(await client.readResource(uri)).batch.status).not.toBe("draft");
    await stop();
    await nobodyWatches(clock);
  });

  it("hears of a new list and a new batch, once it has read the list of resources", async () => {
    const { world, clock, client } = await open(kind, transport);
    const heard: string[] = [];
    await client.listResources();
    await client.listen([], (what) => void heard.push(what));
    await waitUntil("it is watched", () => clock.nextTimerAt !== undefined);
    const { list_id: listId } = await world.tool("preview_batch_call", request(2));
    await asTimePasses(clock, "the list is told", () => heard.length === 1);
    await world.tool("create_batch_call", request(2));
    await asTimePasses(clock, "the batch is told", () => heard.length === 2);
    expect(heard).toEqual(["list", "list"]);
    expect((await client.listResources()).uris).toContain(`list://${listId}`);
  });

  it("leaves nothing running when it goes", async () => {
    const { world, clock, client, leave } = await open(kind, transport);
    const { batch } = await world.tool("create_batch_call", request(1));
    await client.listen([`batch://${batch.batch_id}`], () => {});
    await waitUntil("it is watched", () => clock.nextTimerAt !== undefined);
    await leave();
    await nobodyWatches(clock);
  });

  it("is refused more than 100 addresses at once", async () => {
    const { world, clock, client, leave } = await open(kind, transport);
    const { batch } = await world.tool("create_batch_call", request(1));
    const id: string = batch.batch_id;
    // The same batch, more and more of its id percent-encoded.
    const spellings = Array.from({ length: 34 }, (_, n) => encode(id.slice(0, n)) + id.slice(n));
    const uris = spellings.flatMap((spelling) =>
      ["", "/results", "/report"].map((part) => `batch://${spelling}${part}`),
    );
    await expect(client.listen(uris, () => {})).rejects.toThrow(/At most 100 addresses/);
    await leave();
    await nobodyWatches(clock);
  });
});

function encode(text: string): string {
  return [...text].map((sign) => `%${sign.charCodeAt(0).toString(16)}`).join("");
}

describe("what a server says that it tells", () => {
  it.each(told)("is all of it to %s over %s", async (kind, transport) => {
    const { client } = await open(kind, transport);
    expect(client.capabilities()).toMatchObject({ resources: { subscribe: true, listChanged: true } });
  });

  it.each(["sdk v1", "sdk v2, 2025 era"] as const)("is nothing to %s over HTTP, without sessions", async (kind) => {
    const { client } = await open(kind, "HTTP");
    expect(client.capabilities()).toMatchObject({ resources: { subscribe: false, listChanged: false } });
    await expect(client.listen(["batch://any"], () => {})).rejects.toThrow("Method not found");
  });

  it.each(clientKinds)("is never that its prompts or tools change, to %s", async (kind) => {
    const { client } = await open(kind, "stdio");
    expect(client.capabilities()).toMatchObject({ prompts: { listChanged: false }, tools: { listChanged: false } });
  });
});

it.each(["sdk v1", "sdk v2, 2025 era"] as const)("what is not there is not subscribed to by %s", async (kind) => {
  const { clock, client } = await open(kind, "stdio");
  await expect(client.listen(["batch://batch_call_none"], () => {})).rejects.toThrow(/not_found: .*batch_call_none/);
  await expect(client.listen(["https://example.org"], () => {})).rejects.toThrow(/not_found/);
  await nobodyWatches(clock);
});

it("who takes no stream is refused a subscription, which has no other answer", async () => {
  const { url } = await open("sdk v2, 2026 era", "HTTP");
  const listen = message(1, "subscriptions/listen", { notifications: { resourcesListChanged: true } });
  const response = await post(url, listen, statelessRevision, { Accept: "application/json" });
  expect([response.status, await response.text()]).toEqual([406, expect.stringContaining("text/event-stream")]);
});
