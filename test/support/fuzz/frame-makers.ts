import type { Random } from "../random.ts";
import { mutate } from "./mutate.ts";
import { oddValue, toJsonText } from "./odd-values.ts";

const modern = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": {},
  "io.modelcontextprotocol/clientInfo": { name: "fuzz", version: "1" },
};

const requests: readonly (readonly [string, object?])[] = [
  ["ping"],
  ["tools/list"],
  ["tools/list", { cursor: "x" }],
  ["tools/call", { name: "list_agents", arguments: {} }],
  ["tools/call", { name: "list_batches", arguments: { limit: 3 }, _meta: { progressToken: 7 } }],
  ["tools/call", { name: "get_batch_status", arguments: '{"batch_id":"x"}' }],
  ["tools/call", { name: "no_such_tool", arguments: null }],
  ["prompts/list"],
  ["prompts/get", { name: "launch_list", arguments: { file: "x" } }],
  ["resources/list"],
  ["resources/templates/list"],
  ["resources/read", { uri: "batch://x" }],
  ["resources/subscribe", { uri: "batch://x" }],
  ["resources/unsubscribe", { uri: "batch://x" }],
  ["completion/complete", { ref: { type: "ref/resource", uri: "batch://{id}" }, argument: { name: "id", value: "b" } }],
  ["logging/setLevel", { level: "info" }],
  ["initialize", { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "f", version: "1" } }],
  ["server/discover", { _meta: modern }],
  ["tools/call", { name: "list_agents", arguments: {}, _meta: modern }],
  ["elicitation/create", {}],
  ["no/such/method", { a: 1 }],
];

const notifications: readonly (readonly [string, object?])[] = [
  ["notifications/initialized"],
  ["notifications/cancelled", { requestId: 3, reason: "x" }],
  ["notifications/progress", { progressToken: 1, progress: 1 }],
  ["notifications/roots/list_changed"],
  ["notifications/none"],
];

/** Text of a message, or of a batch of them: right, with something changed, or broken. */
export function makeFrameText(random: Random, id: number): string {
  if (random.chance(0.06)) {
    const count = random.pick([0, 1, 2, 3, 101]);
    return `[${Array.from({ length: count }, (_, n) => makeMessageText(random, id * 1000 + n)).join(",")}]`;
  }
  if (random.chance(0.01)) return deep(random);
  return makeMessageText(random, id);
}

function makeMessageText(random: Random, id: number): string {
  let message = makeMessage(random, id);
  if (random.chance(0.5)) for (let n = 1 + random.below(2); n > 0; n--) message = mutate(message, random);
  return toJsonText(message, random);
}

function makeMessage(random: Random, id: number): unknown {
  if (random.chance(0.05)) return oddValue(random);
  if (random.chance(0.06))
    return { jsonrpc: "2.0", id, ...random.pick<object>([{ result: {} }, { error: { code: 1, message: "x" } }]) };
  const [method, params] = random.pickAny(random.chance(0.15) ? notifications : requests) ?? ["ping"];
  const message = { jsonrpc: "2.0", method, ...(params && { params }) };
  if (method.startsWith("notifications/") && random.chance(0.9)) return message;
  return { jsonrpc: "2.0", id: random.chance(0.9) ? id : random.pickAny(oddIds), method, ...(params && { params }) };
}

const oddIds = [null, 1.5, -1, 2 ** 53, "", "a", "ü\u0000", {}, [], true, "x".repeat(5000), 0];

/** So many levels that a function that calls itself for each would run out of stack. */
function deep(random: Random): string {
  const depth = random.pick([100, 5000, 200_000]);
  const [open, close] = random.pick([
    ["[", "]"],
    ['{"a":', "}"],
  ] as const);
  const nest = `${open.repeat(depth)}1${random.chance(0.8) ? close.repeat(depth) : ""}`;
  return random.chance(0.5)
    ? nest
    : `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_agents","arguments":${nest}}}`;
}

/** The bytes of a text, most of them as they are. */
export function damage(text: string, random: Random): Buffer {
  const bytes = Buffer.from(text);
  const at = random.below(bytes.length + 1);
  switch (random.chance(0.25) ? random.below(9) : -1) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from([0xff, 0xfe, 0xc3, 0x28]), bytes.subarray(at)]);
    case 2:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from([0]), bytes.subarray(at)]);
    case 3:
      return Buffer.from(bytes.map((byte) => (random.chance(0.03) ? random.below(256) : byte)));
    case 4:
      return Buffer.concat([Buffer.from("\ufeff"), bytes]);
    case 5:
      return Buffer.concat([bytes, bytes]);
    case 6:
      return Buffer.from(` \t${text}\r`);
    case 7:
      return Buffer.from(text, "utf16le");
    case 8:
      return Buffer.from(Array.from({ length: random.below(200) }, () => random.below(256)));
    default:
      return bytes;
  }
}
