import type { CallToolResult } from "@modelcontextprotocol/server";
import { maskNumber } from "../domain/phone/mask.ts";
import { Problem } from "../domain/problem.ts";
import type { Resource } from "../resources/resource.ts";
import type { ResourceWatch } from "../resources/resource-watch.ts";
import { viewDataResource } from "../resources/view-data.ts";
import type { ToolContext } from "../tools/tool.ts";
import { requireScope } from "./access.ts";
import { askNobody } from "./ask-person.ts";
import { callTool, toProblemResult } from "./call-tool.ts";
import type { MakeContext, ServedCaller, ServedTools } from "./served.ts";

/** What the server's own page may ask of it: what a view asks of a host, and what stands beside the batches. Throws `Problem`s. */
export type PageHost = {
  call(name: string, args: Readonly<Record<string, unknown>>, request: PageRequest): Promise<CallToolResult>;
  /** The content at the address of a view. */
  read(uri: string, request: PageRequest): Promise<string>;
  /** The newest lists, the newest first. */
  lists(): Promise<readonly object[]>;
  /** A page of the do-not-call list, from 0, numbers masked. */
  doNotCall(page: number): Promise<object>;
  /** The newest lines of the record, the newest first. */
  record(): readonly object[];
  /** That all calls are stopped, and how that is released; undefined while they are not. */
  stopped(): Promise<string | undefined>;
  /** Tells of changes of a batch, or of any where none is named; returns how to end that. */
  watch(batchId: string | undefined, tell: () => void): () => void;
};

type PageRequest = { readonly origin: string; readonly signal: AbortSignal };

// What reads or makes calls fewer, and the ways back from that. No tool here is given what agrees to a start.
const allowed: ReadonlySet<string> = new Set([
  "list_batches",
  "get_batch_status",
  "get_batch_results",
  "check_do_not_call",
  "pause_batch",
  "resume_batch",
  "cancel_batch",
  "start_batch",
]);
const agreeing = ["expected_recipients", "fingerprint", "redial_unknown"];
const mostLists = 50;
const mostAudited = 200;
const pageSize = 50;

export type PageHostParts = Pick<ServedTools, "tools" | "resources" | "log"> & {
  readonly caller: Pick<ServedCaller, "principal" | "owner" | "access">;
  readonly makeContext: MakeContext;
  readonly watch: ResourceWatch;
  readonly audit?: { read(limit: number): readonly object[] };
};

/** For a person who is in; it may what their token may. */
export function buildPageHost({ tools, resources, log, caller, makeContext, watch, audit }: PageHostParts): PageHost {
  const { principal, owner, access } = caller;
  const view = resources.find((one): one is Resource => one === viewDataResource);
  const contextOf = (request?: PageRequest): ToolContext =>
    makeContext({
      principal,
      owner,
      access,
      through: "dashboard",
      askPerson: askNobody,
      signal: request?.signal ?? new AbortController().signal,
      ...(request && { origin: request.origin }),
    });
  return {
    async call(name, args, request) {
      const tool = allowed.has(name) ? tools.find((one) => one.name === name) : undefined;
      if (!tool) return toProblemResult(new Problem("unsupported", `${name} is not for this page. Nothing was done.`));
      const context = contextOf(request);
      if (agreeing.some((field) => field in args) || (name === "start_batch" && !isAsked(args, context)))
        return toProblemResult(onlyAsks);
      const result = await callTool(tool, args, () => context, log);
      watch.nudge();
      return "content" in result && Array.isArray(result.content)
        ? (result as CallToolResult)
        : toProblemResult(new Problem("unsupported", "This needs an answer that the page cannot give."));
    },
    async read(uri, request) {
      const found = /^batch:\/\/([^/?#]+)\/view\?/.exec(uri);
      if (!view || !found?.[1]) throw new Problem("not_found", "There is nothing to read at that address.");
      requireScope(access, "read");
      return view.read(decodeURIComponent(found[1]), contextOf(request), new URL(uri).searchParams);
    },
    async lists() {
      requireScope(access, "read");
      const { lists, owner: whose } = contextOf();
      const recent = await lists.recent(whose, mostLists);
      return Promise.all(
        recent.map(async ({ listId, source }) => {
          const { rows } = await lists.get(listId, whose);
          return { list_id: listId, source, rows, batches: await lists.batchesOf(listId) };
        }),
      );
    },
    async doNotCall(page) {
      requireScope(access, "read");
      const { campaigns } = contextOf();
      const { rows, totalCount, hasMore } = await campaigns.doNotCall.list({ page, limit: pageSize });
      const entries = rows.map(({ phoneNumber, reason, requestedBy, addedAt }) => ({
        number: maskNumber(phoneNumber),
        reason,
        requested_by: requestedBy,
        added_at: addedAt?.toISOString(),
      }));
      return { entries, total: totalCount, has_more: hasMore };
    },
    record() {
      requireScope(access, "read");
      return audit?.read(mostAudited).toReversed() ?? [];
    },
    async stopped() {
      requireScope(access, "read");
      return contextOf().campaigns.whyStopped();
    },
    watch(batchId, tell) {
      requireScope(access, "read");
      const uris = batchId === undefined ? [] : [`batch://${encodeURIComponent(batchId)}`];
      return watch.watch({ uris, isListWatched: batchId === undefined }, tell).stop;
    },
  };
}

const onlyAsks = new Problem(
  "unsupported",
  "This page starts nothing: it can only put a question once more that waits for a person. Nothing was done.",
);

/** Whether a person was asked about that batch and may answer, so that the same tool asks again and does nothing else. */
function isAsked({ batch_id: id }: Readonly<Record<string, unknown>>, { campaigns }: ToolContext): boolean {
  return typeof id === "string" && campaigns.openQuestion(id) !== undefined;
}
