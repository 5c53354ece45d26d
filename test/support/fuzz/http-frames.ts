import { connect } from "node:net";
import { isObject } from "../../../src/contract/envelope.ts";
import { parseJson } from "../../../src/domain/json-text.ts";
import { serveOne } from "../http/serve-one.ts";
import type { Random } from "../random.ts";
import { damage, makeFrameText } from "./frame-makers.ts";
import { judgeMessage } from "./frame-oracles.ts";
import type { FrameRound } from "./frame-round.ts";
import { type HttpAnswer, readHttpAnswers } from "./http-answers.ts";
import { inTime } from "./stdio-peer.ts";

/** So many are on their way at once; then a good client must be served. */
const atOnce = 8;

/** Requests to the MCP server over sockets: right ones, wrong ones and what is no HTTP. */
export async function playHttpRound({ served, random, cases, findings, wrong }: FrameRound): Promise<void> {
  const server = await serveOne({ ...served, host: "127.0.0.1", port: 0 });
  const port = Number(new URL(server.url).port);
  for (let at = 1; at <= cases && !findings.isEnough; at += atOnce) {
    const sent = Array.from({ length: Math.min(atOnce, cases - at + 1) }, (_, n) => makeHttp(random, at + n));
    await Promise.all(
      sent.map(async (frame, n) => {
        const before = performance.now();
        const shown = frame.bytes.subarray(0, 2000).toString("latin1");
        const got = await inTime(exchange(port, frame));
        findings.timed(performance.now() - before, shown);
        const tell = wrong(at + n);
        if (got === undefined) return tell("The connection was not ended.", shown);
        for (const what of judgeHttp(frame, got)) tell(what, shown);
        for (const { status } of readHttpAnswers(got).answers) findings.count(`http ${status}`);
      }),
    );
    const good = await inTime(ping(server.url));
    if (good !== 200) {
      wrong(at)(
        `A good client got ${good}`,
        sent.map(({ bytes }) => bytes.toString("latin1").slice(0, 400)).join("\n---\n"),
      );
      break;
    }
  }
  await server.close();
}

async function ping(url: string): Promise<number> {
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" });
  const response = await fetch(url, { method: "POST", headers, body });
  const answer = parseJson(await response.text());
  return isObject(answer) && isObject(answer["result"]) ? response.status : 0;
}

type HttpFrame = {
  readonly bytes: Buffer;
  /** Whether it is one whole request that has the connection ended. */
  readonly isWhole: boolean;
};

/** Everything that came until the server ended the connection. What is not whole is ended from this side too. */
function exchange(port: number, { bytes, isWhole }: HttpFrame): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect({ port, host: "127.0.0.1" });
    socket.on("data", (chunk) => chunks.push(chunk));
    // A server that refuses what it has not read yet resets the connection.
    socket.on("error", () => {});
    socket.on("close", () => resolve(Buffer.concat(chunks)));
    if (isWhole) socket.write(bytes);
    else socket.end(bytes);
  });
}

function* judgeHttp({ isWhole }: HttpFrame, got: Buffer): Generator<string> {
  const { answers, rest } = readHttpAnswers(got);
  // What this side ended may be cut off.
  if (rest.length > 0 && (isWhole || !rest.toString("latin1").startsWith("HTTP/1.1 ")))
    yield `What came is no HTTP: ${rest.subarray(0, 300).toString("latin1")}`;
  if (isWhole && answers.length === 0) yield "It was not answered.";
  for (const answer of answers) yield* judgeAnswer(answer);
}

function* judgeAnswer({ status, headers, body }: HttpAnswer): Generator<string> {
  if (status >= 500) yield `${status}: ${body}`;
  const type = headers.get("content-type") ?? "";
  if (body === "" || status === 204) return;
  if (type.startsWith("text/event-stream")) {
    for (const line of body.split("\n"))
      if (line.startsWith("data: ")) yield* judgeMessage(line.slice("data: ".length));
  } else if (type.startsWith("application/json")) {
    if (!body.startsWith('{"status":"ok"')) yield* judgeMessage(body);
  } else if (!type.startsWith("text/html")) yield `${status} of type ${type}: ${body}`;
}

/** One request, or something like it. */
function makeHttp(random: Random, at: number): HttpFrame {
  const body = damage(makeFrameText(random, at), random);
  const isPost = random.chance(0.88);
  const method = isPost
    ? "POST"
    : random.pick(["GET", "PUT", "DELETE", "OPTIONS", "PATCH", "HEAD", "TRACE", "post", "BREW", ""]);
  const path = random.chance(0.9)
    ? "/mcp"
    : random.pick([
        "/",
        "/healthz",
        "/mcp/",
        "/mcp?x=1",
        "//mcp",
        "/uploads",
        "/downloads/x",
        "/%zz",
        "*",
        "/\u00ff",
        "/..%2f",
        "http://x/mcp",
        "",
      ]);
  const headers = new Map(baseHeaders);
  if (random.chance(0.25)) for (let n = 1 + random.below(2); n > 0; n--) headers.set(...oddHeader(random));
  const isChunked = random.chance(0.15);
  if (isChunked) headers.set("Transfer-Encoding", "chunked");
  else headers.set("Content-Length", String(body.length));
  const isLying = random.chance(0.04);
  if (isLying)
    headers.set(
      "Content-Length",
      random.pick(["0", "5", "99999", "-1", "x", "1e3", "9000000", "18446744073709551617"]),
    );
  const version = random.chance(0.98) ? "HTTP/1.1" : random.pick(["HTTP/1.0", "HTTP/2.0", "HTTP/9.9", "", "FTP/1.1"]);
  const lines = [`${method} ${path} ${version}`, ...[...headers].map(([name, value]) => `${name}: ${value}`)];
  const head = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
  const whole = Buffer.concat([head, isChunked ? inChunks(body, random) : body]);
  const isPlain =
    !isLying && isPost && path === "/mcp" && version === "HTTP/1.1" && headers.get("Connection") === "close";
  if (random.chance(0.04)) return { bytes: damage(whole.toString("latin1"), random), isWhole: false };
  if (random.chance(0.04)) return { bytes: Buffer.concat([whole, whole]), isWhole: false };
  const isOfNode = ["Expect", "Upgrade", "Host"].some((name) => headers.get(name) !== baseHeaders.get(name));
  const isOddlyCoded = headers.get("Transfer-Encoding") !== (isChunked ? "chunked" : undefined);
  return { bytes: whole, isWhole: isPlain && !isOfNode && !isOddlyCoded };
}

const baseHeaders: ReadonlyMap<string, string> = new Map([
  ["Host", "127.0.0.1"],
  ["Content-Type", "application/json"],
  ["Accept", "application/json, text/event-stream"],
  ["Connection", "close"],
]);

function oddHeader(random: Random): [string, string] {
  return random.pick<[string, string]>([
    ["Content-Type", "text/plain"],
    ["Content-Type", "application/json; charset=utf-16"],
    ["Content-Type", "multipart/form-data"],
    ["Content-Type", ""],
    ["Accept", "application/json"],
    ["Accept", "text/event-stream"],
    ["Accept", "text/html"],
    ["Accept", ";;q=,"],
    ["MCP-Protocol-Version", "2025-06-18"],
    ["MCP-Protocol-Version", "2026-07-28"],
    ["MCP-Protocol-Version", "1.0"],
    ["MCP-Protocol-Version", "\u00e9"],
    ["Mcp-Method", "tools/call"],
    ["Mcp-Name", "list_agents"],
    ["Mcp-Session-Id", "x"],
    ["Last-Event-ID", "1"],
    ["Origin", "http://evil.example"],
    ["Origin", "null"],
    ["Host", "evil.example"],
    ["Host", ""],
    ["Authorization", "Bearer x"],
    ["Content-Encoding", "gzip"],
    ["Expect", "100-continue"],
    ["Expect", "x"],
    ["Upgrade", "websocket"],
    ["Transfer-Encoding", "gzip, chunked"],
    ["Cookie", "a=b; ".repeat(200)],
    ["X-Long", "x".repeat(random.chance(0.3) ? 20_000 : 200)],
    ["X Bad", "a"],
    ["X-Control", "a\u0001b"],
    ["Connection", "keep-alive"],
  ]);
}

function inChunks(body: Buffer, random: Random): Buffer {
  const size = 1 + random.below(body.length + 1);
  const parts: Buffer[] = [];
  for (let start = 0; start < body.length; start += size) {
    const part = body.subarray(start, start + size);
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from("\r\n"));
  }
  return Buffer.concat([...parts, Buffer.from("0\r\n\r\n")]);
}
