import * as http from "node:http";
import * as https from "node:https";
import type { Clock } from "../../../lib/clock.ts";
import { packageVersion } from "../../../lib/version.ts";

const answerDeadlineMs = 10_000;
const maxAnswerBytes = 8 * 1024 * 1024;

export type BridgeRequest = {
  readonly method: "GET" | "POST";
  /** Stands behind the bridge's URL: empty, or `/…`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
};

export type BridgeAnswer = { readonly status: number; readonly text: string };

/** HTTP to one bridge, without redirects and without repeats. */
export type BridgeConnection = {
  /** Rejects when there is no whole answer within 10 s; how far the request got is then open. */
  exchange(request: BridgeRequest): Promise<BridgeAnswer>;
  /** Breaks off what is on its way. */
  close(): void;
};

/**
 * `url` is https, or http to this machine. Node's own client, because it never follows a redirect or repeats a POST by
 * itself; undici belongs to `client/`.
 */
export function openBridgeConnection(url: string, clock: Clock): BridgeConnection {
  const base = new URL(url);
  const { Agent, request: send } = base.protocol === "https:" ? https : http;
  const prefix = base.pathname.replace(/\/+$/, "");
  // A connection that was kept open can be closing just then: a read is simply asked again, the fate of a dial would be
  // in doubt. So dials have connections of their own.
  const agents = {
    GET: new Agent({ keepAlive: true, maxSockets: 128, maxFreeSockets: 8 }),
    POST: new Agent({ keepAlive: false }),
  };
  const onTheirWay = new Set<http.ClientRequest>();

  async function exchange({ method, path, headers, body }: BridgeRequest): Promise<BridgeAnswer> {
    const target = new URL(`${prefix}${path}` || "/", base);
    const request = send(target, { method, agent: agents[method], headers: { ...commonHeaders(body), ...headers } });
    onTheirWay.add(request);
    const cancelDeadline = clock.at(new Date(clock.now().getTime() + answerDeadlineMs), () =>
      request.destroy(new Error("The bridge did not answer within 10 s")),
    );
    try {
      return await answerTo(request, body);
    } finally {
      cancelDeadline();
      onTheirWay.delete(request);
    }
  }

  return {
    exchange,
    close() {
      for (const request of onTheirWay) request.destroy(new Error("The connection to the bridge was closed"));
      agents.GET.destroy();
      agents.POST.destroy();
    },
  };
}

function commonHeaders(body: string | undefined): Record<string, string> {
  const common = { accept: "application/json", "user-agent": `batch-call-mcp/${packageVersion}` };
  if (body === undefined) return common;
  return { ...common, "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) };
}

function answerTo(request: http.ClientRequest, body: string | undefined): Promise<BridgeAnswer> {
  return new Promise((resolve, reject) => {
    request.on("error", reject);
    request.once("response", (response) => {
      readAnswer(response).then(resolve, reject);
    });
    request.end(body);
  });
}

async function readAnswer(response: http.IncomingMessage): Promise<BridgeAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += chunk.length;
    if (bytes > maxAnswerBytes) throw new Error(`The bridge's answer is larger than ${maxAnswerBytes} bytes`);
    chunks.push(chunk);
  }
  return { status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") };
}
