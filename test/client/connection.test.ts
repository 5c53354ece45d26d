import { createServer, type Socket } from "node:net";
import { expect, test } from "vitest";
import { openConnections } from "../../src/client/connection.ts";
import { systemClock } from "../../src/lib/clock.ts";
import type { Exchange, InProcess } from "../../src/lib/http-exchange.ts";
import { TestClock } from "../support/test-clock.ts";

test("a connection that does not come about in time was never made", async () => {
  const sockets: Socket[] = [];
  // Takes TCP connections and never says a word of TLS.
  const server = createServer((socket) => sockets.push(socket.on("error", () => {})));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;

  const connections = openConnections(systemClock, { connectDeadlineMs: 50 });
  const request = { origin: `https://127.0.0.1:${port}`, method: "POST", path: "/", headers: {}, body: "{}" } as const;
  const code = "UND_ERR_CONNECT_TIMEOUT";
  expect(await connections.exchangeAfresh(request)).toEqual({ kind: "not_connected", code });
  expect(await connections.exchange(request)).toEqual({ kind: "not_connected", code });

  await connections.close();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

const toHere = { origin: "http://127.0.0.1:9", method: "POST", path: "/", headers: {}, body: "{}" } as const;
const ways = ["exchange", "exchangeAfresh"] as const;

function connectionsWithin(ask: InProcess) {
  const clock = new TestClock("2026-03-02T15:00:00Z");
  return { clock, connections: openConnections(clock, { inProcess: () => ask }) };
}

test.each(ways)(
  "a service of this process that says nothing for 30 s was silent, as one over HTTP (%s)",
  async (way) => {
    let answer = (_exchange: Exchange): void => {};
    const { clock, connections } = connectionsWithin(() => new Promise((resolve) => (answer = resolve)));
    const asked = connections[way](toHere);
    await clock.advance({ seconds: 30 });
    expect(await asked).toEqual({ kind: "silent", code: "no answer within 30 s" });
    answer({ kind: "answer", status: 200, headers: {}, text: "" });
  },
);

test.each(ways)("its answer is at most 8 MiB, by bytes (%s)", async (way) => {
  const most = 8 * 1024 * 1024;
  let text = `é${"x".repeat(most - 2)}`;
  const { connections } = connectionsWithin(async () => ({ kind: "answer", status: 200, headers: {}, text }));
  expect(await connections[way](toHere)).toMatchObject({ kind: "answer" });
  text += "x";
  expect(await connections[way](toHere)).toEqual({ kind: "too_large", code: "UND_ERR_RES_EXCEEDED_MAX_SIZE" });
});

test.each(ways)("a deadline that was met is gone: nothing keeps time for it (%s)", async (way) => {
  const { clock, connections } = connectionsWithin(async () => ({ kind: "not_connected", code: "ECONNREFUSED" }));
  expect(await connections[way](toHere)).toEqual({ kind: "not_connected", code: "ECONNREFUSED" });
  expect(clock.nextTimerAt).toBeUndefined();
});
