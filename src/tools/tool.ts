import type { z } from "zod";
import type { AskPerson, Progress } from "../campaigns/approve/index.ts";
import type { Campaigns } from "../campaigns/index.ts";
import type { ActingPage } from "../campaigns/records/index.ts";
import type { BatchCallApi } from "../client/api.ts";
import type { ContactFolders } from "../contacts/contact-folders.ts";
import type { Downloads } from "../contacts/downloads.ts";
import type { OfferedFolders } from "../contacts/offered-folders.ts";
import type { Uploads } from "../contacts/uploads.ts";
import type { Access } from "../domain/access.ts";
import type { BatchPlan } from "../domain/batch/plan.ts";
import type { Issue } from "../domain/problem.ts";
import type { Clock } from "../lib/clock.ts";
import type { Lists } from "../lists/lists.ts";
import type { Toolset } from "./toolsets.ts";

export type { AskPerson, FormAnswer, Progress, StartSummary } from "../campaigns/approve/index.ts";

/**
 * What a tool does to the world; the MCP annotations are derived from it. `keeps_list`: it keeps rows that it read and changes
 * nothing else. `steers`: it changes whom a batch calls, and how, of one that runs as well. `erases`:
 * it takes away what this server keeps, and asks nobody else.
 */
export type Effect =
  | "reads"
  | "keeps_list"
  | "writes"
  | "writes_file"
  | "may_dial"
  | "dials"
  | "steers"
  | "destroys"
  | "erases";

/** What came of a plan that ran on a virtual clock. */
export type Rehearsed = {
  readonly calls: number;
  /** When the last call ended; absent where there was none. */
  readonly endsAt?: Date;
  /** IANA zone in which the end is told. */
  readonly timezone: string;
  readonly outcomes: Readonly<Record<string, number>>;
  /** Calls started in each hour on the clocks of the numbers, as `2026-03-02T09`. */
  readonly hours: readonly { timezone: string; hour: string; calls: number; answered: number }[];
};

/** What a tool is given. Nothing else reaches it: no environment, no clock of its own. */
export type ToolContext = {
  readonly api: BatchCallApi;
  readonly campaigns: Campaigns;
  /** Where lists are read and, without an origin, results are written; absent where the client may be on another machine. */
  readonly files?: ContactFolders;
  /** Asks which folders the client works in; absent where it has none, or where the operator has them ignored. */
  readonly clientRoots?: () => Promise<OfferedFolders>;
  /** Lists that were sent over HTTP to be read. */
  readonly uploads: Pick<Uploads, "open">;
  /** Files that are handed out over HTTP. */
  readonly downloads: Pick<Downloads, "keep" | "open">;
  /** Scheme, host and port by which the client reaches this server over HTTP; what is written is fetched from there. */
  readonly origin?: string;
  /** Address of the page on which a person agrees to starts, beside `origin`; absent where their browser is opened instead. */
  readonly approvalPath?: string;
  /** Lists that were read, and what became of each row. */
  readonly lists: Lists;
  readonly clock: Clock;
  /** Runs a plan in memory on a virtual clock, which calls nobody and keeps nothing. Throws `unsupported` for more than 5,000 people. */
  readonly rehearse: (plan: BatchPlan, signal: AbortSignal) => Promise<Rehearsed>;
  /** Country for numbers written without one, ISO 3166-1 alpha-2. */
  readonly defaultCountry?: string;
  /** IANA zone for times given without one. */
  readonly timezone: string;
  /** Who calls, for the record: `local` over stdio, the name of the token over HTTP. */
  readonly principal: string;
  /** Whose lists and files there are for this caller: all principals of an organization have the same. */
  readonly owner: string;
  /** What the caller may do; held before a tool runs. */
  readonly access: Access;
  /** The page on which a person acts, for the record; absent for a client's own calls. */
  readonly through?: ActingPage;
  /** What the MCP client calls itself, where it says so. Anybody can give any name. */
  readonly client?: string;
  /**
   * Puts a start to the person at the client, in a form; `unsupported` where there are none. The form stays open for ten
   * minutes, also after `signal` was aborted. Everything before it must be repeatable, and what it throws must be let
   * through: in protocol 2026-07-28 it ends the call, and the client repeats the whole call together with the answer.
   */
  readonly askPerson: AskPerson;
  /** Aborted when the caller gave up waiting. */
  readonly signal: AbortSignal;
  /** Tells the caller how far a long call is; absent where they did not ask to hear of it. A `done` that is less than before begins another part of the work. */
  readonly progress?: Progress;
};

/** A file that is fetched by its address. */
export type FileLink = {
  readonly uri: string;
  readonly name: string;
  readonly mimeType: string;
  /** In bytes. */
  readonly size: number;
};

/** One tool as plain data. `run` gets checked input and throws a `Problem` when the answer is no. */
export type Tool<Input extends z.ZodObject = z.ZodObject, Output extends z.ZodObject = z.ZodObject> = {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly toolset: Toolset;
  /** Whether it does nothing where the operator named no numbers for test calls. */
  readonly needsTestNumbers?: boolean;
  readonly effect: Effect;
  /** Whether a host that can shows the view of the batch beside the answer. */
  readonly hasView?: boolean;
  /** True when a repeat with the same arguments has no further effect. */
  readonly idempotent: boolean;
  readonly input: Input;
  readonly output: Output;
  /**
   * What else is wrong, when some arguments are not of the right shape: judges `part`, the others, so that the caller
   * learns of everything at once. `failed` are the names of those that are not in it.
   */
  findIssues?(
    part: Partial<z.output<Input>>,
    failed: ReadonlySet<string>,
    context: ToolContext,
  ): Promise<readonly Issue[]>;
  run(input: z.output<Input>, context: ToolContext): Promise<z.output<Output>>;
  /**
   * What is true while a person has yet to agree, or said no: the answer of a `run` that threw `needs_approval`, which is no failure.
   * `message` is that problem's.
   */
  waits?(message: string, input: z.output<Input>, context: ToolContext): Promise<z.output<Output>>;
  /** The facts of the output as short text, for clients that show no structured content. */
  summarize(output: z.output<Output>): string;
  /** What of the output a client can fetch. */
  link?(output: z.output<Output>): FileLink | undefined;
};

/** Checks a tool's parts against each other and forgets their exact types, so that tools can stand in one list. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(tool: Tool<Input, Output>): Tool {
  // Safe: the adapter parses with `tool.input` before it calls `run`, and hands `run`'s own result to `summarize`.
  return tool as unknown as Tool;
}
