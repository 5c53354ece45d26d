import { Problem } from "../domain/problem.ts";

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export type Route<Pattern extends string = string> = {
  readonly method: Method;
  /** Path from the root of the API; `:name` stands for an id. */
  readonly pattern: Pattern;
  /** True where only our own service has the route. */
  readonly isExtension: boolean;
};

function documented<P extends string>(method: Method, pattern: P): Route<P> {
  return { method, pattern, isExtension: false };
}

function extension<P extends string>(method: Method, pattern: P): Route<P> {
  return { method, pattern, isExtension: true };
}

/** Every route that the client or the service knows. Batch paths have no `/api` in front; all other families do. */
export const routes = {
  createBatch: documented("POST", "/batch-call"),
  listBatches: documented("GET", "/batch-call/list"),
  filterBatches: documented("POST", "/batch-call/list"),
  getBatch: documented("GET", "/batch-call/:id"),
  replaceBatch: documented("PUT", "/batch-call/:id"),
  editBatch: documented("PATCH", "/batch-call/:id"),
  deleteBatch: documented("DELETE", "/batch-call/:id"),
  executeBatch: documented("POST", "/batch-call/:id/execute"),
  listTasks: documented("GET", "/batch-call/:id/tasks"),
  appendTasks: extension("POST", "/batch-call/:id/tasks"),
  replaceTasks: extension("PUT", "/batch-call/:id/tasks"),
  removeTasks: extension("POST", "/batch-call/:id/tasks/remove"),
  pauseBatch: extension("POST", "/batch-call/:id/pause"),
  resumeBatch: extension("POST", "/batch-call/:id/resume"),
  cancelBatch: extension("POST", "/batch-call/:id/cancel"),
  listCalls: documented("GET", "/api/calls"),
  filterCalls: documented("POST", "/api/calls"),
  getCall: documented("GET", "/api/calls/:id"),
  recentCalls: extension("POST", "/api/calls/recent"),
  listAgents: documented("GET", "/api/agents"),
  filterAgents: documented("POST", "/api/agents"),
  getAgent: documented("GET", "/api/agents/:id/full"),
  listPhoneNumbers: documented("GET", "/api/phone-numbers"),
  filterPhoneNumbers: documented("POST", "/api/phone-numbers/list"),
  getPhoneNumber: documented("GET", "/api/phone-numbers/:id"),
  listDoNotCall: extension("GET", "/do-not-call"),
  addDoNotCall: extension("POST", "/do-not-call"),
  removeDoNotCall: extension("POST", "/do-not-call/remove"),
  findDoNotCall: extension("POST", "/do-not-call/check"),
  getStop: extension("GET", "/stop"),
  setStop: extension("PUT", "/stop"),
  health: extension("GET", "/healthz"),
  openApi: extension("GET", "/openapi.json"),
  metrics: extension("GET", "/metrics"),
} as const;

type IdsOf<Pattern extends string> = Pattern extends `${string}/:${infer Name}/${infer Rest}`
  ? Name | IdsOf<`/${Rest}`>
  : Pattern extends `${string}/:${infer Name}`
    ? Name
    : never;

/** The path with the ids filled in and encoded. Throws `not_found` for an id that would name another path. */
export function buildPath<Pattern extends string>(route: Route<Pattern>, ids: Record<IdsOf<Pattern>, string>): string {
  let path: string = route.pattern;
  for (const [name, id] of Object.entries<string>(ids)) path = path.replace(`:${name}`, encodeId(id));
  return path;
}

// An address beyond some 16,000 characters is no HTTP to a server.
const longestId = 1000;

// Proxies resolve "." and ".." even where they are percent-encoded, so such an id would reach another route.
function encodeId(id: string): string {
  // Half of a character that takes two has no encoding.
  if (/^\.{0,2}$|\p{Surrogate}/u.test(id) || id.length > longestId)
    throw new Problem("not_found", `"${id.slice(0, 60)}" is not an id. Take ids from the answers of the list tools.`);
  return encodeURIComponent(id);
}

/** Header names, in the lower case in which Node hands them out. */
export const headers = {
  apiKey: "x-api-key",
  apiSecret: "x-api-secret",
  /** Extension, request: `1` asks POST /batch-call for the older, enveloped answer. */
  responseEnvelope: "x-response-envelope",
  /** Extension, request: the same key with the same body creates once. */
  idempotencyKey: "idempotency-key",
  /** Extension, response: `true` when an earlier answer was given again. */
  idempotentReplayed: "idempotent-replayed",
  /** Extension, response: `simulated` or `live`, on every answer of our service. */
  environment: "x-environment",
  /** Extension, response: how fast our service calls at most, on every answer of it; see `toCallLimitsHeader`. */
  callLimits: "x-call-limits",
} as const;

/** Changes when a request or an answer changes its meaning; two copies of different contracts do not talk. */
export const contractVersion = 1;
