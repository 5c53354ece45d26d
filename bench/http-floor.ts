/** In a process of its own: answers each POST with the JSON of `http-floor.js ANSWER`, the id of the request in it, on `node:http` alone. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const result: unknown = JSON.parse(process.argv[2] ?? "{}");
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const { id } = JSON.parse(Buffer.concat(chunks).toString("utf8")) as { id: unknown };
    const text = JSON.stringify({ jsonrpc: "2.0", id, result });
    response
      .writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(text) })
      .end(text);
  });
});
server.listen(0, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`);
});
