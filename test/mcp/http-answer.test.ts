import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, expect, it } from "vitest";
import { HttpAnswer } from "../../src/mcp/http-answer.ts";

let server: Server | undefined;
let socket: Socket | undefined;

afterEach(async () => {
  socket?.destroy();
  server?.closeAllConnections();
  server?.close();
});

const ask = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n";
const later = (): number => performance.now() + 60_000;

/** The server's side of so many requests that came on one connection at once; only the first can be sent before it ends. */
async function exchanges(count: number): Promise<readonly ServerResponse[]> {
  const taken: ServerResponse[] = [];
  server = createServer((_request, response) => void taken.push(response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  socket.write(ask.repeat(count));
  while (taken.length < count) await once(server, "request");
  return taken;
}

async function readUntil(text: string): Promise<string> {
  let read = "";
  while (!read.includes(text)) read += String((await once(socket as Socket, "data"))[0]);
  return read;
}

it("an answer that waits behind another of its connection is not kept up, which would end the server", async () => {
  const [first, second] = await exchanges(2);
  if (!first || !second) throw new Error("Two requests were sent");
  const answer = new HttpAnswer(second, "both");
  answer.answer('{"the":"answer"}');
  expect(second.closed).toBe(false);
  answer.keepUp(later());
  first.end();
  const read = await readUntil('{"the":"answer"}');
  expect(read).not.toContain("keepalive");
});

it("a stream that ended is not kept up while its client has yet to read it", async () => {
  const [first, second] = await exchanges(2);
  if (!first || !second) throw new Error("Two requests were sent");
  const errors: unknown[] = [];
  second.on("error", (error) => errors.push(error));
  const answer = new HttpAnswer(second, "both");
  answer.tell('{"a":"notice"}');
  answer.answer('{"the":"answer"}');
  answer.keepUp(later());
  first.end();
  expect(await readUntil('{"the":"answer"}')).toContain('{"a":"notice"}');
  expect(errors).toEqual([]);
});

it("a connection on which nothing was said for 15 s is kept up as a stream", async () => {
  const [first] = await exchanges(1);
  if (!first) throw new Error("A request was sent");
  const answer = new HttpAnswer(first, "both");
  answer.keepUp(performance.now() + 14_000);
  expect(first.headersSent).toBe(false);
  answer.keepUp(later());
  answer.answer('{"the":"answer"}');
  const read = await readUntil('{"the":"answer"}');
  expect(read).toContain("text/event-stream");
  expect(read).toContain(": keepalive");
});

it("a client that reads nothing is not written to again and again", async () => {
  const [first] = await exchanges(1);
  if (!first) throw new Error("A request was sent");
  socket?.pause();
  const answer = new HttpAnswer(first, "both");
  while (!first.writableNeedDrain) answer.tell("x".repeat(1_000_000));
  const { writableLength } = first;
  answer.keepUp(later());
  expect(first.writableLength).toBe(writableLength);
});
