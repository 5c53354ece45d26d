import { blamedBy, failureText, saysWrongState } from "../contract/envelope.ts";
import { headers } from "../contract/routes.ts";
import { Problem, type ProblemCode } from "../domain/problem.ts";
import { queueInFront } from "../domain/queue-in-front.ts";
import { plainText } from "../domain/text.ts";
import type { Exchange, HttpAnswer } from "../lib/http-exchange.ts";
import { isEnvironment, retryAfterSeconds } from "./connection.ts";

/** Whether a request changes something at the API, whatever its HTTP method. */
export type Kind =
  | { readonly effect: "reads" }
  /** `ifUnknown` says how things may stand when the answer is missing, and what to do. */
  | { readonly effect: "writes"; readonly ifUnknown: string };

/** What to do where the address or the keys are wrong, as the end of a refusal: it names the settings that hold them. */
export type SettingAdvice = {
  readonly address: string;
  readonly keys: string;
  /** Where to look for what the account has. */
  readonly account: string;
};

/** What has to be known of a request to word its failure. */
export type Asked = Kind & {
  readonly isExtension: boolean;
  readonly origin: string;
  /** Absent where whoever asks says it in words of its own. */
  readonly advice?: SettingAdvice | undefined;
  /** Takes the keys out of a text, should the API have put them in. */
  readonly redact: (text: string) => string;
};

const quotedLength = 300;

/** The problem that an exchange without a usable answer is. */
export function toProblem(exchange: Exchange, body: unknown, asked: Asked): Problem {
  switch (exchange.kind) {
    case "not_connected":
      return new Problem(
        "unavailable",
        `The API at ${asked.origin} cannot be reached (${exchange.code}). Nothing was sent. Try again later.`,
      );
    case "silent":
      return noAnswer("The API did not answer within 30 s after the request was sent.", asked);
    case "broken":
      return noAnswer(`The connection to the API broke (${exchange.code}) before a whole answer came.`, asked);
    case "too_large":
      return misunderstood("The API's answer is larger than 8 MiB.", asked);
    case "answer":
      return toAnsweredProblem(exchange, body, asked);
  }
}

/** For an answer that says "done" in a way that cannot be understood; of a write it is the cause, since that may have been done. */
export function misunderstood(what: string, asked: Asked): Problem {
  if (asked.effect === "writes") {
    const cause = new Problem("bad_response", what);
    return new Problem("outcome_unknown", `${what} ${asked.ifUnknown}`, { cause });
  }
  return new Problem("bad_response", withAdvice(`${what} Nothing was changed.`, asked.advice?.address));
}

/** The sentences, and what to do at their end where there is something. */
function withAdvice(text: string, advice: string | undefined): string {
  return advice === undefined ? text : `${text} ${advice}`;
}

function noAnswer(what: string, asked: Asked): Problem {
  if (asked.effect === "writes") return new Problem("outcome_unknown", `${what} ${asked.ifUnknown}`);
  return new Problem("unavailable", `${what} Nothing was changed. Try again later.`);
}

function toAnsweredProblem(answer: HttpAnswer, body: unknown, asked: Asked): Problem {
  const { status } = answer;
  const said = quote(body, asked.redact);
  if (status >= 300 && status < 400) {
    return misunderstood(`The API redirected the request (${status}), and redirects are never followed.`, asked);
  }
  if (status === 429) {
    const details = { retryAfterSeconds: retryAfterSeconds(answer.headers) };
    return new Problem("rate_limited", rateLimitText(answer, said), details);
  }
  if (lacksRoute(answer, asked)) {
    const way = asked.isExtension ? ` ${queueInFront("does")}` : "";
    return new Problem("unsupported", `This API does not offer that. Nothing changed.${way}`);
  }
  // 421: a proxy may answer it after the request went through.
  if (status >= 500 || status === 408 || status === 421) return noAnswer(`The API answered ${status}.${said}`, asked);
  if (status === 404) {
    const advice = "Take ids from the answers of the list tools; do not guess.";
    return new Problem("not_found", `The API does not know it (404).${said} Nothing changed. ${advice}`);
  }
  const words = failureText(body) ?? "";
  const refused = `The API refused the request (${status}).${said} Nothing changed.`;
  return new Problem(refusalCode(status, words), withAdvice(refused, adviceFor(status, words, asked.advice)));
}

function adviceFor(status: number, words: string, advice: SettingAdvice | undefined): string | undefined {
  const blamed = status === 403 ? blamedBy(words) : status === 401 ? "keys" : "request";
  if (!advice || blamed === "request") return undefined;
  if (blamed === "keys") return advice.keys;
  if (blamed === "content") return advice.account;
  return `Either what it names is of another account, such as the caller id or the agent, or the keys may not do that. ${advice.account} ${advice.keys}`;
}

/**
 * Our service says its environment with every answer, so a 404 that says it is about an id. Without it, the upstream
 * may not know the route; whether it is the id after all is for the caller to ask.
 */
function lacksRoute(answer: HttpAnswer, asked: Asked): boolean {
  if (!asked.isExtension) return answer.status === 405;
  if (answer.status === 404) return !isEnvironment(answer.headers[headers.environment]);
  return answer.status === 405 || answer.status === 501;
}

function refusalCode(status: number, said: string): ProblemCode {
  if (status === 401 || (status === 403 && blamedBy(said) !== "content")) return "unauthorized";
  return status === 409 || saysWrongState(said) ? "wrong_state" : "invalid_input";
}

function rateLimitText(answer: HttpAnswer, said: string): string {
  const seconds = retryAfterSeconds(answer.headers);
  const when = seconds === undefined ? "in a minute" : `in ${seconds} s`;
  return `The API takes no more requests for now (429).${said} Nothing changed. Try again ${when}.`;
}

function quote(body: unknown, redact: (text: string) => string): string {
  const text = failureText(body);
  if (text === undefined) return "";
  // Stripped first: a key with an invisible character in it would not be recognised. Cut last, or half of one could stay.
  return ` It said: "${plainText(redact(plainText(text, text.length)), quotedLength)}".`;
}
