import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { anybody, type Caller, type Gate, isRefused } from "../access/index.ts";
import { counted } from "../domain/text.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { GuessDelay, Secrets, WrongSecrets } from "./secrets.ts";

const cookieName = "batch_call_session";
/** As long a person may answer questions after a login. */
export const answerMs = 15 * 60 * 1000;
// A working day: who looks on is not asked again every quarter of an hour.
const sessionMs = 8 * 60 * 60 * 1000;

export type OperatorLoginParts = {
  readonly clock: Clock;
  readonly log: Log;
  /** Tells whose token a person logs in with, and whether it is good still. */
  readonly gate: Pick<Gate, "identify" | "isGood" | "isOpen">;
};

/** Whether a login worked; `words` for a person where it did not, with the wait before the next is looked at. */
export type LoginResult =
  | { readonly isIn: true; readonly caller: Caller }
  | { readonly isIn: false; readonly words: string; readonly retryAfterSeconds?: number };

type Session = { readonly since: Date; readonly caller: Caller };

/** One login for the pages of a server. The session is a cookie that no script reads and no other site sends; it ends with its token. */
export class OperatorLogin {
  readonly #clock: Clock;
  readonly #gate: OperatorLoginParts["gate"];
  readonly #sessions: Secrets<Session>;
  readonly #delay: GuessDelay;
  readonly #wrong: WrongSecrets;

  constructor(parts: OperatorLoginParts) {
    this.#clock = parts.clock;
    this.#gate = parts.gate;
    this.#sessions = new Secrets(parts.clock);
    this.#delay = new GuessDelay(parts.clock);
    this.#wrong = new WrongSecrets(parts, "wrong tokens were given to the approval page");
  }

  /** Whether nobody has to log in. */
  get isOpen(): boolean {
    return this.#gate.isOpen();
  }

  async enter(context: Context, token: string): Promise<LoginResult> {
    const waitSeconds = Math.ceil(this.#delay.waitMs / 1000);
    if (waitSeconds > 0) {
      const words = `Too many wrong tokens were given. This one was not looked at; try again in ${counted(waitSeconds, "second")}.`;
      return { isIn: false, words, retryAfterSeconds: waitSeconds };
    }
    const caller = await this.#gate.identify(token);
    if (isRefused(caller)) {
      if (caller.kind === "away") return { isIn: false, words: caller.message };
      this.#delay.wrong();
      this.#wrong.count();
      return { isIn: false, words: "That is not the token of this server." };
    }
    this.#delay.right();
    const now = this.#clock.now();
    const session = this.#sessions.issue({ since: now, caller }, new Date(now.getTime() + sessionMs));
    // Only a page that came over TLS can take back a cookie marked `Secure`.
    const secure = context.req.header("origin")?.startsWith("https:") ?? false;
    setCookie(context, cookieName, session, {
      path: "/",
      maxAge: sessionMs / 1000,
      httpOnly: true,
      sameSite: "Strict",
      secure,
    });
    return { isIn: true, caller };
  }

  /** Who looks at the page: anybody where nobody has to log in, else where they logged in no longer ago than that with a token that is good; undefined for everybody else. */
  callerOf(context: Context, withinMs = sessionMs): Caller | undefined {
    if (this.isOpen) return anybody;
    const session = this.#sessions.find(getCookie(context, cookieName));
    if (!session || !this.#gate.isGood(session.caller)) return undefined;
    return this.#clock.now().getTime() - session.since.getTime() < withinMs ? session.caller : undefined;
  }
}
