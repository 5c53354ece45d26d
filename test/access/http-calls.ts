import { callOf, enveloped, headersFor, type Message, readAnswer, statelessRevision } from "../mcp/wire.ts";

export const account = { agent_id: "agent_5d0c1f6e-2b7a-4c55-9f0e-6a1d3b8e4c21", from_number: "+14155550100" };
export const people = { tasks: [{ to_number: "+12015550101" }, { to_number: "+12015550102" }] };

export type Told = {
  readonly isError: boolean;
  readonly text: string;
  readonly structured: Record<string, unknown>;
  readonly status: number;
};

export function bearer(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { Authorization: `Bearer ${token}` };
}

/** A message of protocol 2026-07-28, with whatever headers else. */
export function post(url: string, message: Message, headers: Record<string, string> = {}): Promise<Response> {
  const body = JSON.stringify(enveloped(message));
  const { params = {} }: { params?: object } = message;
  const name = "uri" in params ? { "Mcp-Name": String(params.uri) } : {};
  return fetch(url, {
    method: "POST",
    body,
    headers: { ...headersFor(message, statelessRevision), ...name, ...headers },
  });
}

/** A call of a tool; `text` is what is said, whoever says it. Every call has the same JSON-RPC id. */
export async function callTool(
  url: string,
  tool: string,
  args: object,
  headers: Record<string, string> = {},
): Promise<Told> {
  const response = await post(url, callOf(7, tool, { ...args }), headers);
  const { result, error } = await readAnswer(response);
  const { content, isError, structuredContent } = JSON.parse(JSON.stringify(result ?? {}));
  const text = content?.[0]?.text ?? error?.message ?? "";
  return {
    isError: isError ?? error !== undefined,
    text,
    structured: structuredContent ?? {},
    status: response.status,
  };
}

export function batchIdOf({ structured, text }: Told): string {
  const { batch }: { batch?: { batch_id?: string } } = structured;
  if (batch?.batch_id === undefined) throw new Error(`No batch: ${text}`);
  return batch.batch_id;
}
