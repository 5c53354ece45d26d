/**
 * In a process of its own: `http-client.js PLAN` keeps a request under way on each of its connections and prints what came of it as
 * JSON. It speaks HTTP by itself, so that what the client costs is little and the same for all.
 */
import { connect, type Socket } from "node:net";

/** What one client does, on one connection. */
export type HttpPlan = {
  readonly url: string;
  /** Bearer tokens; connection n sends the one at n, over and over where they are fewer. */
  readonly tokens: readonly string[];
  readonly connections: number;
  /** Sent one after the other, again and again; of a message `{"id":0` is given a new id each time. */
  readonly messages: readonly string[];
  /** Ends after so long, or after each connection has sent each message once where absent. */
  readonly forMs?: number;
};

export type HttpRun = {
  readonly answers: number;
  /** Answers with another id, another status than 200, or an error where `isError` is looked for. */
  readonly wrong: number;
  readonly firstWrong?: string;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
};

const plan: HttpPlan = JSON.parse(process.argv[2] ?? "{}");
const { hostname, port, pathname } = new URL(plan.url);
const times: number[] = [];
let [nextId, wrong] = [1, 0];
let firstWrong: string | undefined;

const startedAt = performance.now();
const endAt = plan.forMs === undefined ? Number.POSITIVE_INFINITY : startedAt + plan.forMs;
await Promise.all(Array.from({ length: plan.connections }, (_, place) => beClient(place)));
const seconds = (performance.now() - startedAt) / 1000;
times.sort((a, b) => a - b);
const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;
const run: HttpRun = {
  answers: times.length,
  wrong,
  ...(firstWrong !== undefined && { firstWrong }),
  seconds,
  p50Ms: at(0.5),
  p99Ms: at(0.99),
};
console.log(JSON.stringify(run));

function beClient(place: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    socket.setNoDelay(true);
    socket.on("error", reject);
    const token = plan.tokens[place % plan.tokens.length];
    let [round, id, sentAt] = [place, 0, 0];
    const left = plan.forMs === undefined ? plan.messages.length + place : Number.POSITIVE_INFINITY;
    const next = (): void => {
      if (performance.now() >= endAt || round >= left) {
        socket.end();
        resolve();
        return;
      }
      id = nextId++;
      const index = plan.forMs === undefined ? round - place : round;
      send(socket, plan.messages[index % plan.messages.length] ?? "", id, token);
      round++;
      sentAt = performance.now();
    };
    readAnswers(socket, (head, body) => {
      times.push(performance.now() - sentAt);
      if (!head.startsWith("HTTP/1.1 200") || !body.includes(`"id":${id}`)) {
        wrong++;
        firstWrong ??= `${head.split("\r\n")[0]} to id ${id}: ${body.slice(0, 300)}`;
      }
      next();
    });
    socket.once("connect", next);
  });
}

function send(socket: Socket, message: string, id: number, token: string | undefined): void {
  const body = message.replace('"id":0', `"id":${id}`);
  socket.write(
    `POST ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n${token === undefined ? "" : `Authorization: Bearer ${token}\r\n`}MCP-Protocol-Version: 2025-11-25\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

/** Tells of each answer that came whole: by its length, or in chunks up to the empty one. */
function readAnswers(socket: Socket, onAnswer: (head: string, body: string) => void): void {
  let text = "";
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
    const headEnd = text.indexOf("\r\n\r\n");
    if (headEnd < 0) return;
    const head = text.slice(0, headEnd);
    const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
    const end = length === undefined ? text.indexOf("\r\n0\r\n\r\n", headEnd) + 7 : headEnd + 4 + Number(length);
    if (end < headEnd + 4 || text.length < end) return;
    const body = text.slice(headEnd + 4, end);
    text = text.slice(end);
    onAnswer(head, body);
  });
}
