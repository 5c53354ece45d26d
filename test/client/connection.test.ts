import { createServer, type Socket } from "node:net";
import { expect, test } from "vitest";
import { openConnections } from "../../src/client/connection.ts";
import { systemClock } from "../../src/lib/clock.ts";

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
