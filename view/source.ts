import type { BatchStatus, CampaignData, PeopleQuery, ResultView } from "./data.ts";

/** What a tool answered, as MCP has it. */
export type ToolAnswer = {
  readonly isError?: boolean;
  readonly structuredContent?: Record<string, unknown>;
  readonly content?: readonly { readonly type: string; readonly text?: string }[];
};

/** Whoever stands between a view and the server: a host that shows it, or the server's own page. */
export type Source = {
  /** Whether tools can be called at all; a view only shows what it was given where not. */
  readonly hasTools: boolean;
  /** Whether resources can be read; without them there are no charts and no search. */
  hasResources: boolean;
  call(name: string, args: Record<string, unknown>): Promise<ToolAnswer>;
  /** The JSON at an address. */
  read(uri: string): Promise<unknown>;
  openLink(url: string): void;
  /** Tells whoever leads the conversation what a person did here. */
  tellModel?(text: string): void;
  /** Calls `changed` when a batch, or any batch, may be another than before; returns how to end that. Absent where nobody tells. */
  watch?(uri: string | undefined, changed: () => void): () => void;
};

export function textOf({ content = [] }: ToolAnswer): string {
  return content.flatMap(({ text }) => text ?? []).join("\n");
}

const pageSize = 25;
// By batch and filter, the cursor with which each page after the first is read.
const cursors = new Map<string, (string | undefined)[]>();

/** Everything the view shows of a batch. Where resources cannot be read, what two tools tell. */
export async function readCampaign(source: Source, id: string, query: PeopleQuery): Promise<CampaignData> {
  if (source.hasResources) {
    const { page, show, search } = query;
    const fields = new URLSearchParams({ page: String(page), show, search });
    try {
      return (await source.read(`batch://${encodeURIComponent(id)}/view?${fields}`)) as CampaignData;
    } catch (error) {
      // A host that said so and cannot is one without; what the server answered stands.
      if (!(error instanceof Error) || /^\w+: /.test(error.message)) throw error;
      source.hasResources = false;
    }
  }
  return readByTools(source, id, query);
}

async function readByTools(source: Source, id: string, { page, show }: PeopleQuery): Promise<CampaignData> {
  const status = contentOf(await source.call("get_batch_status", { batch_id: id })) as BatchStatus;
  const known = cursors.get(`${id} ${show}`) ?? [undefined];
  const at = Math.min(page, known.length);
  const cursor = known[at - 1];
  const results = contentOf(
    await source.call("get_batch_results", {
      batch_id: id,
      limit: pageSize,
      ...(cursor && { cursor }),
      ...(show && { [isOutcome(show) ? "outcome" : "status"]: show }),
    }),
  ) as { readonly results: readonly ResultView[]; readonly total?: number; readonly next_cursor?: string };
  if (results.next_cursor) known[at] = results.next_cursor;
  cursors.set(`${id} ${show}`, known);
  const pages = results.next_cursor ? at + 1 : at;
  const matching = results.total ?? (at - 1) * pageSize + results.results.length;
  return { ...status, people: { matching, page: at, pages, results: results.results } };
}

function isOutcome(show: string): boolean {
  return ["answered", "no_answer", "busy", "voicemail"].includes(show);
}

/** Throws the words of an error. */
export function contentOf(answer: ToolAnswer): Record<string, unknown> {
  if (answer.isError || !answer.structuredContent) throw new Error(textOf(answer) || "The server gave no answer.");
  return answer.structuredContent;
}
