import { readFileSync } from "node:fs";
import { Readable, type Writable } from "node:stream";
import { parseJson } from "../domain/json-text.ts";
import { packageFile } from "../lib/package-file.ts";

/** What a client that opens a connection asks for first, answered when the program was built; `prepareAnswers` makes it. */
export type PreparedAnswers = {
  /** Answers to `initialize` by the revision of the protocol that is asked for. */
  readonly initialize: Readonly<Record<string, unknown>>;
  readonly toolsList: unknown;
};

/** Where what was answered early stands, and the input with everything that was read of it. */
export type HandedOver = {
  readonly input: Readable;
  /** The results as text, by the id of the request: the server answers them once more, and they are not sent again. */
  readonly answered: Map<RequestId, string>;
};

type RequestId = string | number;

/** `answerEarly` for the client of this process. The list depends on whether the operator named numbers for test calls. */
export async function answerFirst(hasTestNumbers: boolean, signal: AbortSignal): Promise<HandedOver> {
  const name = hasTestNumbers ? "answers-with-test-calls.json" : "answers.json";
  const prepared: PreparedAnswers = JSON.parse(readFileSync(packageFile("dist", name), "utf8"));
  return answerEarly(prepared, { input: process.stdin, output: process.stdout, signal });
}

/** A client that is there asks within some milliseconds; the rest must come up without one too, since calls may wait for it. */
const quietMs = 100;
const mostBytes = 1024 * 1024;

/**
 * Answers `initialize` and `tools/list` of a plain opening while the server is not there yet. Resolves when something else has
 * come, the list was told, or nothing came for a moment: the server then gets the whole input from its first byte on, so that it
 * knows all that the client said. Loading it takes many times as long as these answers.
 */
export async function answerEarly(
  prepared: PreparedAnswers,
  { input, output, signal }: { readonly input: Readable; readonly output: Writable; readonly signal: AbortSignal },
): Promise<HandedOver> {
  const opening = new Opening(prepared);
  const read: Buffer[] = [];
  let rest = "";
  let hasEnded = false;
  const ignore = (): void => {};
  // Whoever closed this end closed the other one too, which the server then sees.
  output.on("error", ignore);
  await new Promise<void>((resolve) => {
    let timer = setTimeout(done, quietMs);
    function done(): void {
      clearTimeout(timer);
      input.off("readable", take).off("end", end).off("error", done);
      signal.removeEventListener("abort", done);
      resolve();
    }
    function end(): void {
      hasEnded = true;
      done();
    }
    function take(): void {
      const chunk: Buffer | null = input.read();
      if (chunk === null) return;
      read.push(chunk);
      const lines = (rest + chunk.toString("latin1")).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const answer = opening.answer(Buffer.from(line, "latin1").toString());
        if (answer !== undefined) output.write(answer);
        if (opening.isOver) break;
      }
      clearTimeout(timer);
      if (opening.isOver || rest.length > mostBytes) done();
      else timer = setTimeout(done, quietMs);
    }
    signal.addEventListener("abort", done, { once: true });
    if (signal.aborted) done();
    // Of a stream that flows, what comes until the server listens would be lost.
    else input.on("readable", take).on("end", end).on("error", done);
  });
  output.off("error", ignore);
  const bytes = Buffer.concat(read);
  const { answered } = opening;
  if (hasEnded) return { input: Readable.from([bytes], { objectMode: false }), answered };
  if (bytes.length > 0) input.unshift(bytes);
  return { input, answered };
}

/** The first requests of a connection, as far as their answers are known beforehand. */
class Opening {
  readonly answered = new Map<RequestId, string>();
  /** Whether the server is needed from here on. */
  isOver = false;
  #isOpen = false;
  readonly #prepared: PreparedAnswers;

  constructor(prepared: PreparedAnswers) {
    this.#prepared = prepared;
  }

  answer(line: string): string | undefined {
    const message = toPlainMessage(parseJson(line));
    if (this.#isOpen && message?.method === "notifications/initialized" && message.id === undefined) return undefined;
    const result = message && this.#resultOf(message);
    const { id } = message ?? {};
    // What is listed is all that can be told of without the server.
    this.isOver = !result || message?.method === "tools/list";
    if (!result || id === undefined || this.answered.has(id)) {
      this.isOver = true;
      return undefined;
    }
    const text = JSON.stringify(result);
    this.answered.set(id, text);
    return `{"result":${text},"jsonrpc":"2.0","id":${JSON.stringify(id)}}\n`;
  }

  #resultOf({ method, params }: PlainMessage): unknown {
    if (method === "tools/list") return this.#isOpen && asksForAll(params) ? this.#prepared.toolsList : undefined;
    if (method !== "initialize" || this.#isOpen || !isPlainOpening(params)) return undefined;
    const { initialize } = this.#prepared;
    const version = String(params["protocolVersion"]);
    this.#isOpen = Object.hasOwn(initialize, version);
    return this.#isOpen ? initialize[version] : undefined;
  }
}

type Fields = Readonly<Record<string, unknown>>;
type PlainMessage = { readonly method: unknown; readonly id?: RequestId; readonly params: unknown };

/** A message without anything that would have to be judged. */
function toPlainMessage(value: unknown): PlainMessage | undefined {
  if (!isFields(value) || value["jsonrpc"] !== "2.0") return undefined;
  const { id, method, params } = value;
  if (id === undefined) return { method, params };
  return typeof id === "string" || Number.isSafeInteger(id) ? { method, params, id: id as RequestId } : undefined;
}

/** The first page, by a client that says nothing else about it. */
function asksForAll(params: unknown): boolean {
  return params === undefined || (isFields(params) && Object.keys(params).length === 0);
}

/** An opening that no server refuses: what it holds has the types that it must have. */
function isPlainOpening(params: unknown): params is Fields {
  if (!isFields(params)) return false;
  const { protocolVersion, capabilities, clientInfo, ...others } = params;
  return (
    Object.keys(others).length === 0 &&
    typeof protocolVersion === "string" &&
    isFields(capabilities) &&
    Object.values(capabilities).every(isFields) &&
    isFields(clientInfo) &&
    ["name", "version"].every((name) => typeof clientInfo[name] === "string") &&
    Object.values(clientInfo).every((each) => typeof each === "string")
  );
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
