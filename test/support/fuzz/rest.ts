import { isObject } from "../../../src/contract/envelope.ts";
import { parseJson } from "../../../src/domain/json-text.ts";
import { silentLog } from "../../../src/lib/log.ts";
import { Random } from "../random.ts";
import { DialWatch } from "./dial-watch.ts";
import type { Making, Schema } from "./from-schema.ts";
import { Memory } from "./memory.ts";
import { Findings, type FuzzReport, playRounds, type Rounds } from "./report.ts";
import { type Operation, readOperations } from "./rest-document.ts";
import { makeRequest, makeUnknownRequest, type RestRequest, textOfRest } from "./rest-requests.ts";
import { rightKeys, secretOfKeys, startRestService } from "./rest-service.ts";

const perRound = 1000;
const origin = "http://127.0.0.1:9";

/**
 * Requests of every operation of the document that the service serves, in sequences on the same batches, while time passes. Every answer
 * must be one that the document has, none may be 5xx, and nobody is called of a batch that no request started.
 */
export function fuzzRest(rounds: Rounds): Promise<FuzzReport> {
  const findings = new Findings("npm run fuzz -- rest");
  return playRounds(rounds, perRound, findings, (seed, cases) => playRound(seed, cases, findings));
}

/** Made once for all rounds, in which the document is the same. */
let operations: readonly Operation[] | undefined;

async function playRound(seed: number, cases: number, findings: Findings): Promise<void> {
  const random = new Random(seed);
  const memory = new Memory();
  let failure = "";
  const error = (fields: object): void => {
    failure = String("err" in fields && fields.err instanceof Error ? fields.err.stack : "");
  };
  const service = await startRestService({ ...silentLog, error });
  const document = await documentOf(service.fetch);
  operations ??= weighted(readOperations(document));
  const dials = new DialWatch(service.carrier);
  const batchOf = (callId: string): Promise<string> => batchOfCall(service.fetch, callId);
  for (let at = 1; at <= cases && !findings.isEnough; at++) {
    const making: Making = { random, memory, now: service.clock.now(), textOf: textOfRest, root: document };
    const operation = random.chance(0.98) ? random.pickAny(operations) : undefined;
    const request = operation ? makeRequest(operation, making) : makeUnknownRequest(making);
    failure = "";
    const began = performance.now();
    const answer = await ask(service.fetch, request);
    findings.timed(performance.now() - began, describe(request));
    findings.count(`${operation ? "" : "unknown "}${answer.status}`);
    if (operation && answer.status === 200) findings.count(`200 ${operation.method} ${operation.path}`);
    const called = await dials.wrong(request, answer, batchOf);
    const wrong = [...judge(operation, request, answer), ...called];
    for (const what of wrong) findings.wrong(`${what} ${failure}`, { seed, cases: at, sent: describe(request) });
    memory.hear(answer.json);
    if (random.chance(0.04)) {
      await service.clock.advance({ seconds: random.pick([1, 20, 600, 7200, 90_000]) });
      await dials.note(batchOf);
    }
  }
  await service.stop();
}

type Answer = { readonly status: number; readonly type: string; readonly text: string; readonly json: unknown };
type Fetch = (request: Request) => Promise<Response>;

async function ask(fetch: Fetch, { method, path, headers, body }: RestRequest): Promise<Answer> {
  const response = await fetch(new Request(`${origin}${path}`, { method, headers, ...(body && { body }) }));
  const text = await response.text();
  const type = response.headers.get("content-type") ?? "";
  return { status: response.status, type, text, json: parseJson(text) };
}

async function documentOf(fetch: Fetch): Promise<Schema> {
  const { json } = await ask(fetch, { method: "GET", path: "/openapi.json", headers: {} });
  if (!isObject(json)) throw new Error("The service serves no document");
  return json;
}

async function batchOfCall(fetch: Fetch, callId: string): Promise<string> {
  const { json } = await ask(fetch, { method: "GET", path: `/api/calls/${callId}`, headers: rightKeys });
  const data = isObject(json) && isObject(json["data"]) ? json["data"] : {};
  return String(isObject(data["metadata"]) ? data["metadata"]["batch_call_id"] : undefined);
}

/** What makes and changes batches more often than the rest. */
function weighted(operations: readonly Operation[]): readonly Operation[] {
  return operations.flatMap((operation) => {
    const { method, path } = operation;
    const isCreate = method === "POST" && path === "/batch-call";
    const isChange = path.startsWith("/batch-call/{id}") && method !== "GET" && method !== "DELETE";
    return Array<Operation>(isCreate ? 6 : isChange ? 2 : 1).fill(operation);
  });
}

const unknownStatuses = [400, 401, 404, 405];
const leak = /\n\s+at |node_modules|\.ts:\d|\.js:\d|SQLITE_|SqliteError|\bTypeError\b/;

function* judge(operation: Operation | undefined, request: RestRequest, answer: Answer): Generator<string> {
  const { status, type, text, json } = answer;
  if (status >= 500) yield `${status}: ${text}`;
  if (text.includes(secretOfKeys)) yield `The answer has the secret of the keys: ${text}`;
  if (status >= 400 && leak.test(text)) yield `The answer shows our inside: ${text}`;
  if (operation) {
    const judgeBody = operation.judges.get(status);
    // What an odd id makes of a path is no path of the operation.
    const isOther =
      !operation.judges.has(status) && unknownStatuses.includes(status) && operation.path.includes("{id}");
    if (!judgeBody && !isOther) yield `${operation.method} ${operation.path} documents no ${status}: ${text}`;
    const misfit = type.startsWith("application/json") ? judgeBody?.(json) : undefined;
    if (misfit) yield `${operation.method} ${operation.path} ${status} ${misfit}: ${text}`;
  } else if (request.method !== "HEAD" && status >= 300 && !isFailure(json))
    yield `${status} without a reason: ${text}`;
}

function isFailure(json: unknown): boolean {
  return isObject(json) && json["status"] === "error" && typeof json["message"] === "string" && json["error"] !== "";
}

function describe({ method, path, headers, body }: RestRequest): string {
  const { "X-API-KEY": key, "X-API-SECRET": _secret, ...others } = headers;
  const sent = body ? Buffer.from(body).toString() : "";
  return `${method} ${path} ${JSON.stringify(others)}${key ? "" : " without keys"} ${sent}`;
}
