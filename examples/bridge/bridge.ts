import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { type Dial, type Entry, type Ledger, parseDial } from "./ledger.ts";
import { toEnd, toRefusedEnd } from "./outcome.ts";
import { signedAt, signedHeaders } from "./signature.ts";
import { type TwilioCalls, takesMessage } from "./twilio-calls.ts";

/** A call without a sid that Twilio did not report within this time: nobody can tell whether it was placed. */
const reportedWithinMs = 60_000;

export type BridgeParts = {
  readonly ledger: Ledger;
  readonly calls: TwilioCalls;
  /** Shared with the batch-call service. */
  readonly secret: string;
  readonly now: () => Date;
};

type Answer = { readonly status: number; readonly body?: object; readonly xml?: string };
const unauthorized: Answer = { status: 401 };

/** The bridge as an HTTP server that does not listen yet. */
export function createBridge({ ledger, calls, secret, now }: BridgeParts): Server {
  async function route(request: IncomingMessage): Promise<Answer> {
    const { method, headers, url = "/" } = request;
    const { pathname, searchParams } = new URL(url, "http://bridge");
    const body = await text(request);
    if (method === "POST" && pathname.startsWith("/twilio/")) {
      const params = Object.fromEntries(new URLSearchParams(body));
      if (!calls.isGenuine(String(headers["x-twilio-signature"]), url, params)) return { status: 403 };
      const token = searchParams.get("token") ?? "";
      return pathname === "/twilio/answer" ? greet(token, params) : takeStatus(token, params);
    }
    if (method === "POST" && pathname === "/") {
      const seconds = signedAt(secret, body, headers, now());
      if (seconds === undefined) return unauthorized;
      const wanted = parseDial(body);
      return wanted ? dial(wanted, seconds) : { status: 400 };
    }
    if (method === "GET" && pathname.startsWith("/calls/")) {
      const token = decodeURIComponent(pathname.slice("/calls/".length));
      const seconds = signedAt(secret, token, headers, now());
      return seconds === undefined ? unauthorized : lookUp(token, seconds);
    }
    return { status: 404 };
  }

  async function dial(wanted: Dial, seconds: number): Promise<Answer> {
    const entry = ledger.get(wanted.token);
    // The service was told that this call was not placed; an older request must not place it after that.
    if (seconds <= (entry?.notPlacedSeconds ?? 0)) return { status: 425 };
    if (entry && entry.state !== "released") return { status: 409 };
    ledger.write(wanted.token, { state: "intended", dial: wanted, intendedAtMs: now().getTime() });
    try {
      const sid = await calls.place(wanted);
      keepSid(wanted.token, sid);
      return { status: 202 };
    } catch (error) {
      return answerFailure(wanted.token, error);
    }
  }

  function answerFailure(token: string, error: unknown): Answer {
    const failure = calls.judge(error);
    switch (failure.kind) {
      case "refused":
        ledger.write(token, { state: "refused", end: toRefusedEnd(failure.reason, now()) });
        return { status: 422, body: { state: "refused", reason: failure.reason } };
      case "not_placed":
        ledger.write(token, { state: "released" });
        return { status: 503 };
      case "in_doubt":
        return { status: 502 };
    }
  }

  async function lookUp(token: string, seconds: number): Promise<Answer> {
    const entry = ledger.get(token);
    if (!entry || entry.state === "released") {
      ledger.write(token, { notPlacedSeconds: Math.max(seconds, entry?.notPlacedSeconds ?? 0) });
      return { status: 404, body: { state: "not_placed" } };
    }
    const { end = await findEnd(token, entry), intendedAtMs = 0 } = entry;
    if (end) return { status: 200, body: { state: "ended", ...end } };
    const isLost = !entry.sid && now().getTime() - intendedAtMs > reportedWithinMs;
    return { status: 200, body: { state: isLost ? "cannot_tell" : "ongoing" } };
  }

  /** How the call ended by the provider's own record; kept once it is known. */
  async function findEnd(token: string, { sid, messageGiven }: Entry): Promise<Entry["end"]> {
    if (!sid) return undefined;
    const end = toEnd(await calls.find(sid), now(), messageGiven);
    if (end) ledger.write(token, { state: "ended", end });
    return end;
  }

  async function takeStatus(token: string, { CallSid }: Readonly<Record<string, string>>): Promise<Answer> {
    if (!ledger.get(token)?.dial || !CallSid) return { status: 404 };
    const entry = keepSid(token, CallSid);
    const end = entry.end ?? (await findEnd(token, entry));
    if (end) await report(token, entry, end);
    return { status: 204 };
  }

  /** Twilio's report can come before its answer to `place`, and stands in for one that was lost. */
  function keepSid(token: string, sid: string): Entry {
    const entry = ledger.get(token);
    return entry?.sid ? entry : ledger.write(token, { state: "placed", sid });
  }

  /** A report that gets lost is not repeated: the service asks for every call that it has not heard of for a minute. */
  async function report(token: string, { dial: wanted }: Entry, end: object): Promise<void> {
    if (!wanted?.callback_url) return;
    const body = JSON.stringify({ token, ...end });
    const headers = { "content-type": "application/json", ...signedHeaders(secret, body, now()) };
    await fetch(wanted.callback_url, {
      method: "POST",
      headers,
      body,
      redirect: "error",
      signal: AbortSignal.timeout(10_000),
    }).catch(() => undefined);
  }

  function greet(token: string, { AnsweredBy }: Readonly<Record<string, string>>): Answer {
    const wanted = ledger.get(token)?.dial;
    if (!wanted) return { status: 404 };
    // Written down first: a message that may have been spoken is not spoken to that person again.
    if (takesMessage(wanted, AnsweredBy)) ledger.write(token, { messageGiven: true });
    return { status: 200, xml: calls.greet(wanted, AnsweredBy) };
  }

  return createServer((request, response) => {
    route(request).then(
      (answer) => send(response, answer),
      // Whatever went wrong, it is in doubt what became of the call; the service will ask.
      () => send(response, { status: 500 }),
    );
  });
}

function send(response: ServerResponse, { status, body, xml }: Answer): void {
  const type = xml === undefined ? "application/json" : "text/xml";
  response.writeHead(status, { "content-type": type }).end(xml ?? (body ? JSON.stringify(body) : ""));
}
