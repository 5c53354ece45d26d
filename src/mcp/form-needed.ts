import type { InputRequiredResult } from "@modelcontextprotocol/server";

/** Ends a call of a tool that waits for a person; `result` has the client ask them and repeat the call. No failure. */
export class FormNeeded extends Error {
  readonly result: InputRequiredResult;

  constructor(result: InputRequiredResult) {
    super("The client is to ask a person and to repeat this call with the answer. Let this through.");
    this.name = "FormNeeded";
    this.result = result;
  }
}
