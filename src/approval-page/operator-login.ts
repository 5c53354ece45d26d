import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import type { Secret } from "../domain/secret.ts";
import { counted } from "../domain/text.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { isSameSecret } from "../lib/same-secret.ts";
import { GuessDelay, Secrets, WrongSecrets } from "./secrets.ts";

const cookieName = "batch_call_session";
/** As long a person may answer questions after a login. */
export const answerMs = 15 * 60 * 1000;
// A working day: who looks on is not asked again every quarter of an hour.
const sessionMs = 8 * 60 * 60 * 1000;

export type OperatorLoginParts = {
  readonly clock: Clock;
  readonly log: Log;
  /** What a person logs in with: the token of the HTTP server. */
  readonly token: Secret;
};

/** Whether a login worked; `words` for a person where it did not, with the wait before the next is looked at. */
export type LoginResult =
  | { readonly isIn: true }
  | { readonly isIn: false; readonly words: string; readonly retryAfterSeconds?: number };

/** One login for the pages of a server. The session is a cookie that no script reads and no other site sends. */
export class OperatorLogin {
  readonly #clock: Clock;
  readonly #token: Secret;
  readonly #sessions: Secrets<Date>;
  readonly #delay: GuessDelay;
  readonly #wrong: WrongSecrets;

  constructor(parts: OperatorLoginParts) {
    this.#clock = parts.clock;
    this.#token = parts.token;
    this.#sessions = new Secrets(parts.clock);
    this.#delay = new GuessDelay(parts.clock);
    this.#wrong = new WrongSecrets(parts, "wrong tokens were given to the approval page");
  }

  enter(context: Context, token: string): LoginResult {
    const waitSeconds = Math.ceil(this.#delay.waitMs / 1000);
    if (waitSeconds > 0) {
      const words = `Too many wrong tokens were given. This one was not looked at; try again in ${counted(waitSeconds, "second")}.`;
      return { isIn: false, words, retryAfterSeconds: waitSeconds };
    }
    if (!isSameSecret(token, this.#token.reveal())) {
      this.#delay.wrong();
      this.#wrong.count();
      return { isIn: false, words: "That is not the token of this server." };
    }
    this.#delay.right();
    const now = this.#clock.now();
    const session = this.#sessions.issue(now, new Date(now.getTime() + sessionMs));
    // Only a page that came over TLS can take back a cookie marked `Secure`.
    const secure = context.req.header("origin")?.startsWith("https:") ?? false;
    setCookie(context, cookieName, session, {
      path: "/",
      maxAge: sessionMs / 1000,
      httpOnly: true,
      sameSite: "Strict",
      secure,
    });
    return { isIn: true };
  }

  /** Whether the page belongs to somebody who logged in no longer ago than that. */
  isIn(context: Context, withinMs = sessionMs): boolean {
    const since = this.#sessions.find(getCookie(context, cookieName));
    return since !== undefined && this.#clock.now().getTime() - since.getTime() < withinMs;
  }
}
