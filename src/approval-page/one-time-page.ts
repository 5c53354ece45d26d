import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { ApprovalRequest } from "../campaigns/approve/index.ts";
import type { Answerer } from "../campaigns/records/index.ts";
import { type ApprovalFormParts, showQuestion, takeAnswer } from "./approval-form.ts";
import { renderDocument } from "./document.ts";
import { guarded, isFromOwnPage, readFields, sendHtml, sendRefusal } from "./exchange.ts";
import { Secrets } from "./secrets.ts";
import { messageView } from "./views.ts";

// Long enough for a page that stayed open to say what became of its question.
const rememberedForMs = 60 * 60 * 1000;
const place = { action: "/answer" };

export type ApprovalPage = {
  /**
   * Address of the page for one question. The secret in its fragment lets whoever has it answer: it goes to the
   * person's browser or terminal and nowhere else.
   */
  urlFor(request: ApprovalRequest): string;
  close(): Promise<void>;
};

export type OneTimePageParts = ApprovalFormParts & {
  /** Whose browser it is, for the record. */
  readonly principal: string;
};

/** Serves questions on 127.0.0.1, any free port, each only to the browser that was sent there with its secret. */
export async function startApprovalPage(parts: OneTimePageParts): Promise<ApprovalPage> {
  const requestIds = new Secrets<string>(parts.clock);
  const server = createServer(guarded(buildListener(parts, requestIds), parts.log));
  const origin = await listen(server);
  return {
    urlFor({ id, expiresAt }) {
      const secret = requestIds.issue(id, new Date(expiresAt.getTime() + rememberedForMs));
      return `${origin}/#${secret}`;
    },
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listen(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // An open question does not keep the process alive once its client is gone.
  server.unref();
  return `http://127.0.0.1:${portOf(server)}`;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error(`The page listens on ${address}, not on a port`);
  return address.port;
}

function buildListener(parts: OneTimePageParts, requestIds: Secrets<string>) {
  const document = renderDocument("/question");
  const by: Answerer = { channel: "page", principal: parts.principal };

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!isToItself(request)) return sendRefusal(response, 403, "This is not its address.");
    if (request.method === "GET" && request.url === "/") return sendHtml(response, 200, document);
    if (request.method !== "POST") return sendRefusal(response, 404, "There is nothing here.");
    if (!isFromOwnPage(request)) return sendRefusal(response, 403, "Only the page itself may ask this.");
    const fields = await readFields(request);
    if (!fields) return sendRefusal(response, 413, "This is too large for an answer.");
    const id = requestIds.find(request.headers["x-approval-secret"]?.toString());
    if (id === undefined) return refuseSecret(response, parts);
    if (request.url === "/question") return sendHtml(response, 200, showQuestion(parts, id, place));
    if (request.url === "/answer") return sendHtml(response, 200, takeAnswer(parts, id, fields, by, place));
    sendRefusal(response, 404, "There is nothing here.");
  };
}

/** Another name that leads to this address is somebody's DNS rebinding. */
function isToItself({ headers, socket }: IncomingMessage): boolean {
  return headers.host === `127.0.0.1:${socket.localPort}`;
}

function refuseSecret(response: ServerResponse, { log }: ApprovalFormParts): void {
  log.warn({}, "somebody asked for an approval page without a right secret");
  const text =
    "The link is not complete, is too old, or belongs to a program that has ended. Nothing was agreed, and nobody is called because of it.";
  sendHtml(response, 403, messageView({ title: "This link opens nothing", text }));
}
