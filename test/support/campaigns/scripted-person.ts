import type { AskPerson, FormAnswer, StartSummary } from "../../../src/tools/tool.ts";

/** The person at a client. Without an answer to give, the client has no forms. */
export class ScriptedPerson {
  /** What the forms showed, oldest first. */
  readonly asked: StartSummary[] = [];
  readonly #answers: (FormAnswer | Promise<FormAnswer>)[] = [];

  readonly ask: AskPerson = async (summary) => {
    const answer = this.#answers.shift();
    if (answer === undefined) return { kind: "unsupported" };
    this.asked.push(summary);
    return answer;
  };

  /** One answer for each form to come; a promise lets the person think. */
  willAnswer(...answers: (FormAnswer | Promise<FormAnswer>)[]): void {
    this.#answers.push(...answers);
  }
}
