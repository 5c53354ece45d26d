import type { ToolContext } from "../tools/tool.ts";
import type { Toolset } from "../tools/toolsets.ts";

/** What reading needs; nobody is asked anything, and nothing is written. */
export type ReadContext = Omit<ToolContext, "askPerson" | "progress">;

/** Something that a client can read and keep beside a conversation, as plain data. The address has one variable. */
export type Resource = {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** It is offered where these tools are. */
  readonly toolset: Toolset;
  /** `scheme://{variable}` and what follows, by RFC 6570; the first variable is the id. */
  readonly uriTemplate: string;
  readonly mimeType: "application/json" | "text/markdown";
  /** The content, of the thing of that id; `query` is what stands after a question mark. Throws a `Problem` as tools do. */
  read(id: string, context: ReadContext, query: URLSearchParams): Promise<string>;
  /** What the content of all addresses with that id follows from, as text to be compared. Throws a `Problem` as `read` does. */
  state(id: string, context: ReadContext): Promise<string>;
  /** The few that a client shows by themselves; those of an id that somebody knows can be read all the same. */
  list?(context: ReadContext): Promise<readonly ListedResource[]>;
  /** Ids that begin with what was typed, or whose name has it. At most 100, as the protocol says. */
  complete?(typed: string, context: ReadContext): Promise<readonly string[]>;
};

export type ListedResource = { readonly id: string; readonly name: string };

/** The most completions that an answer may have. */
export const mostCompletions = 100;

/** The most that are listed of each resource, the newest. */
export const mostListed = 20;

/** Characters of a name in a listing. */
export const longestListedName = 80;
