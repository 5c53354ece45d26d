import { createHash, randomBytes } from "node:crypto";
import { createRequestStateCodec, type ServerContext } from "@modelcontextprotocol/server";
import { Problem } from "../domain/problem.ts";
import { formOpenForMs } from "./approval-form.ts";

/** A call of a tool, which the client repeats unchanged once the person has answered. */
export type AskingCall = { readonly principal: string; readonly tool: string; readonly args: unknown };

/** What a person was asked, as it came back from the client; `expired` when the form was open for too long. */
export type Asked = { readonly call: string; readonly fingerprint: string } | "expired";

/**
 * Remembers what a person was asked, in the client's hands and signed: the server keeps nothing between the two calls.
 * The key lives as long as the process. That an answer counts once is for the approval book to see to.
 */
export class FormStates {
  readonly #codec = createRequestStateCodec<Exclude<Asked, string>>({
    key: randomBytes(32),
    ttlSeconds: formOpenForMs / 1000,
  });

  seal(call: AskingCall, fingerprint: string): Promise<string> {
    return this.#codec.mint({ call: digest(call), fingerprint });
  }

  /** Throws for a state that is not ours, before a tool sees it: the client gets -32602, as the SDKs have it. */
  async read(state: string, context: ServerContext): Promise<Asked> {
    try {
      return await this.#codec.verify(state, context);
    } catch (error) {
      if (isExpired(error)) return "expired";
      throw error;
    }
  }
}

/** The fingerprint of the start that was asked about, or nothing once it expired. Throws `invalid_input` when another call asked. */
export function fingerprintFor(call: AskingCall, asked: Asked): string | undefined {
  if (asked === "expired") return undefined;
  if (asked.call === digest(call)) return asked.fingerprint;
  throw new Problem(
    "invalid_input",
    "The client sent back a form that was not given out for this call. Nobody was called. Call the tool again for a new form.",
  );
}

/** The codec's errors say why in one fixed word. */
function isExpired(error: unknown): boolean {
  return error instanceof Error && error.message === "expired";
}

function digest({ principal, tool, args }: AskingCall): string {
  return createHash("sha256")
    .update(JSON.stringify([principal, tool, args ?? {}]))
    .digest("base64url");
}
