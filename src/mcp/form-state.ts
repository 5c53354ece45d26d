import { createHash, randomBytes } from "node:crypto";
import { createRequestStateCodec, type ServerContext } from "@modelcontextprotocol/server";
import { Problem } from "../domain/problem.ts";
import { formOpenForMs } from "./approval-form.ts";

/** A call of a tool, which the client repeats unchanged once the person has answered. */
export type AskingCall = { readonly principal: string; readonly tool: string; readonly args: unknown };

type Asked = { readonly call: string; readonly fingerprint: string };

/**
 * Remembers what a person was asked, in the client's hands and signed: the server keeps nothing between the two calls.
 * The key lives as long as the process. That an answer counts once is for the approval book to see to.
 */
export class FormStates {
  readonly #codec = createRequestStateCodec<Asked>({ key: randomBytes(32), ttlSeconds: formOpenForMs / 1000 });

  seal(call: AskingCall, fingerprint: string): Promise<string> {
    return this.#codec.mint({ call: digest(call), fingerprint });
  }

  /**
   * The fingerprint of the start that was asked about; undefined when the form was open for too long. Throws
   * `invalid_input` for a state that is not ours or was made for another call.
   */
  async open(state: string, call: AskingCall, context: ServerContext): Promise<string | undefined> {
    try {
      const asked = await this.#codec.verify(state, context);
      if (asked.call === digest(call)) return asked.fingerprint;
    } catch (error) {
      if (isExpired(error)) return undefined;
    }
    throw new Problem(
      "invalid_input",
      "The client sent back a form that was not given out for this call. Nobody was called. Call the tool again for a new form.",
    );
  }
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
