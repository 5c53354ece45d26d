import type { Answer } from "../../src/domain/batch/answers.ts";
import type { Outcome } from "../../src/domain/batch/batch.ts";
import type { Said } from "../../src/domain/said.ts";
import type { StartPolicy } from "../../src/domain/start-policy.ts";
import type { Toolset } from "../../src/tools/toolsets.ts";
import type { Pattern } from "./matches.ts";

/** Somebody on a list, as a row of a CSV file; the column of the number is called Phone. */
export type Person = { readonly Name: string; readonly Phone: string; readonly [column: string]: string };

/** What a call to a number comes to. */
export type Call = {
  readonly outcomes?: readonly Outcome[];
  readonly said?: Said;
  readonly answers?: readonly Answer[];
};

/** A batch that is there before the person writes. `running` and `paused`: the first call is in progress, the others wait. */
export type EarlierBatch = {
  readonly name: string;
  readonly people: readonly Person[];
  readonly state: "draft" | "scheduled" | "running" | "paused" | "completed";
  /** Other arguments of its create_batch_call. */
  readonly args?: object;
};

/** What is there before the person writes. */
export type Setting = {
  /** Calls are real, so that somebody has to agree to a start. Simulated unless given. */
  readonly isLive?: boolean;
  /** What the person does with a form; without it their client has none, and a page waits for somebody. */
  readonly form?: "agrees" | "declines";
  readonly policy?: Partial<StartPolicy>;
  /** What the server lists; everything unless given. */
  readonly toolsets?: readonly Toolset[];
  readonly isReadOnly?: boolean;
  /** In the files folder. */
  readonly files?: Readonly<Record<string, string>>;
  readonly doNotCall?: readonly { readonly number: string; readonly reason?: string }[];
  /** Oldest first. */
  readonly batches?: readonly EarlierBatch[];
  /** By number; who is not in it answers. */
  readonly calls?: Readonly<Record<string, Call>>;
  /** Names of agents of the account besides the four simulated ones. */
  readonly moreAgents?: readonly string[];
};

/**
 * A call of a tool that a good model makes. A text such as `@batch:June`, `@list`, `@agent:Survey` or `@call:Ann` stands for the id of that
 * kind that an earlier answer of this request gave, of what has that text in its name; without one, for the newest.
 */
export type Step = { readonly tool: string; readonly args?: Readonly<Record<string, unknown>> };

/** What the person writes, and the calls that follow. A model that ends its turn is told what the next turn says. */
export type Turn = {
  readonly says: string;
  readonly script: readonly Step[];
};

/** A call that must or must not be made. */
export type CallPattern = {
  readonly tool: string;
  readonly args?: Pattern;
  /** For what is forbidden: only before this turn, of which the first is 1. */
  readonly beforeTurn?: number;
};

/** What must be so. Whatever is not in it must be as before: nobody rings, no batch and no number on the do-not-call list comes or goes. */
export type Expected = {
  /** Several ways, each the calls that have to succeed, in order; others may come between. */
  readonly ways: readonly (readonly CallPattern[])[];
  /** Calls that must not be made, not even tried. */
  readonly forbidden?: readonly CallPattern[];
  /** Whose phone rings how often: numbers, each once for each ring, in any order. */
  readonly rings?: readonly string[];
  /** Each batch that is there afterwards, by name; those that are left out are as before. */
  readonly batches?: Readonly<Record<string, Pattern>>;
  /** Those that are new under names that nobody gave, oldest first. */
  readonly newBatches?: readonly Pattern[];
  /** The whole do-not-call list. */
  readonly doNotCall?: readonly string[];
  /** Endings of the files that are new in the files folder. */
  readonly newFiles?: readonly string[];
  /** What the reply to the person must have in it. */
  readonly tells?: readonly RegExp[];
};

export type EvalRequest = {
  /** Unique, in kebab-case. */
  readonly id: string;
  readonly setting?: Setting;
  readonly turns: readonly Turn[];
  readonly expected: Expected;
};
