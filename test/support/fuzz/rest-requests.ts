import { simulatedAccount } from "../../../src/service/accounts/index.ts";
import type { Random } from "../random.ts";
import { usNumber } from "../us-numbers.ts";
import { type Making, makeValue } from "./from-schema.ts";
import { mutate } from "./mutate.ts";
import { oddValue, toJsonText } from "./odd-values.ts";
import type { Operation } from "./rest-document.ts";
import { rightKeys } from "./rest-service.ts";

export type RestRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
};

/** A request of that operation: from its schemas, half of them with something changed. */
export function makeRequest(operation: Operation, making: Making): RestRequest {
  const { random } = making;
  const isRight = random.chance(0.5);
  const headers: Record<string, string> = { ...(random.chance(0.98) && rightKeys) };
  const query = new URLSearchParams();
  for (const { name, in: place, schema } of operation.parameters) {
    if (place === "path" || !random.chance(0.4)) continue;
    const made = makeValue(schema, making, name);
    const value = asText(isRight || random.chance(0.5) ? made : mutate(made, random));
    if (place === "header") headers[name] = value.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, 2000);
    else query.append(name, value);
  }
  if (!isRight && random.chance(0.1)) query.append(asText(oddValue(random)), asText(oddValue(random)));
  const { method, path, body } = operation;
  const filled = path.replace("{id}", idFor(path, making, isRight));
  const asked = query.size > 0 ? `${filled}?${query}` : filled;
  if (method === "GET" || (!body && random.chance(0.9))) return { method, path: asked, headers };
  return { method, path: asked, headers: typed(headers, random), body: bodyOf(operation, making, isRight) };
}

/** A request that no operation has. */
export function makeUnknownRequest({ random }: Making): RestRequest {
  const path = random.pick([
    "/",
    "/batch-call/",
    "/batch-call/a/b/c",
    "//",
    "/batch-call/%zz",
    "/BATCH-CALL/list",
    "/api",
    "/stop/x",
  ]);
  const method = random.pick(["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "PROPFIND", "get"]);
  return { method, path, headers: random.chance(0.8) ? rightKeys : {} };
}

function typed(headers: Readonly<Record<string, string>>, random: Random): Readonly<Record<string, string>> {
  const type = random.chance(0.95)
    ? "application/json"
    : random.pick(["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1", "x", ""]);
  return { ...headers, "Content-Type": type };
}

function bodyOf({ path, body = {} }: Operation, making: Making, isRight: boolean): Uint8Array<ArrayBuffer> {
  const { random } = making;
  const made = makeValue(body, making);
  let value = path === "/batch-call" && random.chance(0.6) ? plainBatch(making) : made;
  for (let changes = isRight ? 0 : 1 + random.below(3); changes > 0; changes--) value = mutate(value, random);
  const text = value === undefined ? "" : toJsonText(value, random);
  const bytes = Uint8Array.from(Buffer.from(text));
  if (isRight || random.chance(0.95)) return bytes;
  switch (random.below(5)) {
    case 0:
      return bytes.slice(0, random.below(bytes.length + 1));
    case 1:
      return bytes.map((byte) => (random.chance(0.02) ? 0xff : byte));
    case 2:
      return new Uint8Array(random.chance(0.02) ? 8 * 2 ** 20 + 1 : 10).fill(0x20);
    case 3:
      return Uint8Array.from(Buffer.from(`\ufeff${text}`));
    default:
      return Uint8Array.from(Buffer.from(`${text}${text}`));
  }
}

/** Few of many fields that are right by themselves go together. */
function plainBatch({ random }: Making): object {
  const tasks = Array.from({ length: 1 + random.below(4) }, () => ({ to_number: usNumber(random.below(60)) }));
  const retries = { retry_config: { enabled: true, max_attempts: 2 } };
  return {
    from_number: ownNumbers[0],
    name: "June",
    agent_id: firstAgent,
    tasks,
    ...random.pick([{ status: "draft" }, { status: "draft" }, { send_now: true }, { send_now: true, ...retries }]),
  };
}

function idFor(path: string, making: Making, isRight: boolean): string {
  const { random, memory } = making;
  const told = memory.recall(idNames.find(([start]) => path.startsWith(start))?.[1] ?? "id", random);
  if (told !== undefined && (isRight || random.chance(0.7))) return encode(told);
  if (random.chance(0.02)) return random.pick(["%zz", "%00", "%ff%fe", ".", "..", "%2e%2e", "a%2fb", "%F0%9F"]);
  return encode(oddValue(random)).slice(0, 8000) || "x";
}

const idNames = [
  ["/batch-call", "batch_call_id"],
  ["/api/calls", "call_id"],
  ["/api/agents", "agent_id"],
  ["/api/phone-numbers", "phone_number"],
] as const;

function encode(value: unknown): string {
  return encodeURIComponent(Buffer.from(asText(value)).toString());
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

const [firstAgent = "", secondAgent = ""] = simulatedAccount.agents.map(({ agentId }) => agentId);
const ownNumbers = simulatedAccount.phoneNumbers.map(({ phoneNumber }) => phoneNumber);

/** What texts of the REST API are, where their schema does not say. */
export function textOfRest(name: string, random: Random): unknown {
  switch (name) {
    case "agent_id":
      return random.pick([firstAgent, firstAgent, secondAgent, "agent_x"]);
    case "from_number":
    case "phone_number":
      return random.pickAny(ownNumbers);
    case "Idempotency-Key":
      return `key-${random.below(30)}`;
    case "type":
      return random.pick(["AFTER", "AT", "after"]);
    case "mode":
      return random.pick(["retry", "accept", "leave_message"]);
    case "name":
      return random.pick(["June reminders", "first_name", "Élan", "is_coming"]);
    default:
      return undefined;
  }
}
