import type { Log } from "../lib/log.ts";
import type { Prompt } from "../prompts/prompt.ts";
import type { Resource } from "../resources/resource.ts";
import type { ResourceWatch } from "../resources/resource-watch.ts";
import type { Tool, ToolContext } from "../tools/tool.ts";
import type { FormStates } from "./form-state.ts";

/** What a single call adds to the rest of a tool's context. */
export type ToolCaller = Pick<
  ToolContext,
  | "principal"
  | "owner"
  | "access"
  | "origin"
  | "client"
  | "through"
  | "askPerson"
  | "clientRoots"
  | "signal"
  | "progress"
>;

/** Makes what tools are given of what is theirs alone; of one organization. */
export type MakeContext = (caller: ToolCaller) => ToolContext;

export type ServedTools = {
  readonly tools: readonly Tool[];
  readonly resources: readonly Resource[];
  readonly prompts: readonly Prompt[];
  readonly makeContext: MakeContext;
  /** Version of this package, as clients show it. */
  readonly version: string;
  readonly log: Log;
};

export type ServedCaller = Pick<ToolContext, "principal" | "owner" | "access"> & {
  /** Whether a form that the client shows counts as a person's answer. */
  readonly takesForms: boolean;
  /** Whether lists may be read from the folders that the client offers as its roots. */
  readonly readsRoots: boolean;
};

/** For whom a server is made, and with what of theirs. */
export type ServedNow = {
  readonly caller: ServedCaller;
  readonly makeContext: MakeContext;
  /** Tells of changes of what their organization has. */
  readonly watch: ResourceWatch;
  /** Signs the forms that are out. */
  readonly forms: FormStates;
  /** Tells them from every other caller, where the name for the record does not. */
  readonly callerKey?: string;
  /** Scheme, host and port by which clients reach the server over HTTP. */
  readonly origin?: string;
};
