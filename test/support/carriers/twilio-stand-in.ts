import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export const twilioAccount = { sid: `AC${"0".repeat(32)}`, authToken: "the auth token of the account" };

export type PlacedCall = { readonly sid: string; readonly asked: URLSearchParams; resource: Record<string, unknown> };

/** An answer instead of the usual one; with `places`, the call is placed nevertheless. `undefined` breaks the connection. */
export type PlaceFault = { readonly answer?: { status: number; body: object }; readonly places: boolean };

/** Twilio's REST API as far as the example bridge uses it, on loopback, with the webhooks that go with it. */
export class TwilioStandIn {
  readonly calls: PlacedCall[] = [];
  faults: PlaceFault[] = [];
  /** Requests without the account's name and password. */
  readonly strangers: string[] = [];

  readonly #publicUrl: string;
  readonly #server: Server;

  private constructor(publicUrl: string) {
    this.#publicUrl = publicUrl;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(publicUrl: string): Promise<TwilioStandIn> {
    const standIn = new TwilioStandIn(publicUrl);
    standIn.#server.listen(0, "127.0.0.1");
    await once(standIn.#server, "listening");
    return standIn;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  /** The only call that was placed. */
  get call(): PlacedCall {
    const [call] = this.calls;
    if (!call || this.calls.length > 1) throw new Error(`${this.calls.length} calls were placed`);
    return call;
  }

  /** Calls a webhook of the bridge, which listens at `bridgeUrl` and not at its public address. */
  async hook(
    call: PlacedCall,
    which: "Url" | "StatusCallback",
    bridgeUrl: string,
    params: Record<string, string>,
    signature?: string,
  ): Promise<{ status: number; body: string }> {
    const address = call.asked.get(which) ?? "";
    const all = { CallSid: call.sid, AccountSid: twilioAccount.sid, ...params };
    const response = await fetch(address.replace(this.#publicUrl, bridgeUrl), {
      method: "POST",
      headers: { "X-Twilio-Signature": signature ?? signHook(address, all) },
      body: new URLSearchParams(all),
    });
    return { status: response.status, body: await response.text() };
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, headers, url = "" } = request;
    const body = await text(request);
    const expected = `Basic ${Buffer.from(`${twilioAccount.sid}:${twilioAccount.authToken}`).toString("base64")}`;
    if (headers.authorization !== expected) this.strangers.push(`${method} ${url}`);
    const prefix = `/2010-04-01/Accounts/${twilioAccount.sid}/Calls`;
    if (method === "POST" && url === `${prefix}.json`) return this.#place(new URLSearchParams(body), response);
    const call = this.calls.find(({ sid }) => url === `${prefix}/${sid}.json`);
    if (method === "GET" && call) return answer(response, 200, call.resource);
    return answer(response, 404, { status: 404, code: 20404, message: "The requested resource was not found" });
  }

  #place(asked: URLSearchParams, response: ServerResponse): void {
    const fault = this.faults.shift();
    const sid = `CA${String(this.calls.length + 1).padStart(32, "0")}`;
    const resource = { sid, status: "queued", date_created: "Mon, 02 Feb 2026 15:00:00 +0000" };
    if (!fault || fault.places) this.calls.push({ sid, asked, resource });
    if (fault && !fault.answer) response.destroy();
    else answer(response, fault?.answer?.status ?? 201, fault?.answer?.body ?? resource);
  }
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

/** Twilio's scheme: HMAC-SHA1 over the address and every parameter, sorted by name. */
function signHook(address: string, params: Record<string, string>): string {
  const sorted = Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1));
  const signed = address + sorted.map(([name, value]) => name + value).join("");
  return createHmac("sha1", twilioAccount.authToken).update(signed).digest("base64");
}
