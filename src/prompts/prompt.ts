import type { ReadContext } from "../resources/resource.ts";

/** Arguments of a prompt, as text: the protocol has no others. */
export type PromptArgument = {
  readonly name: string;
  readonly description: string;
  readonly isRequired: boolean;
  /** Values for what was typed; at most 100. */
  complete?(typed: string, context: ReadContext): Promise<readonly string[]>;
};

/** What a person picks in their client to have the model work through something, as plain data. */
export type Prompt = {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly arguments: readonly PromptArgument[];
  /** The message to the model, in the person's name. */
  write(given: Readonly<Record<string, string | undefined>>): string;
};
