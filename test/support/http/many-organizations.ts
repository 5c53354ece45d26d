import { sleep, systemClock } from "../../../src/lib/clock.ts";
import { account, batchIdOf, bearer, callTool, post, type Told } from "../../access/http-calls.ts";
import { readAnswer, request } from "../../mcp/wire.ts";
import type { RunningHttp } from "./running-http.ts";

export type ManyOrganizations = { readonly callers: number; readonly organizations: number };

/** What came of it. `crossed`: answers with a word or an id of another organization. */
export type Crossings = {
  readonly answers: number;
  readonly crossed: number;
  /** Ids of another organization that were asked for, and those of them that were not answered as an id that never was. */
  readonly foreign: number;
  readonly told: number;
  readonly examples: readonly string[];
};

type Caller = { readonly organization: number; readonly headers: Record<string, string> };
type Own = Caller & {
  readonly batch: string;
  readonly list: string;
  readonly upload: string;
  readonly download: string;
};

const never = {
  batch: `batch_call_${"0".repeat(32)}`,
  list: "list_AAAAAAAAAAAAAAAAAAAAAA",
  upload: "upload:AAAAAAAAAAAAAAAAAAAAAA",
  download: "AAAAAAAAAAAAAAAAAAAAAA",
};

/**
 * All callers at once, each with a token of its own and the same JSON-RPC ids, names and numbers: they create and start a batch, send a
 * list and export results, read what is theirs, and ask for everything of a caller of another organization.
 */
export async function callAsMany(server: RunningHttp, many: ManyOrganizations): Promise<Crossings> {
  const tokens = await inOrder(many.callers, async (n): Promise<Caller> => {
    const organization = n % many.organizations;
    const token = await server.addToken(`caller-${n}`, "read,operate", `organization ${organization}`);
    return { organization, headers: bearer(token) };
  });
  const { url } = server;
  const seen: { readonly by: Caller; readonly text: string }[] = [];
  const hear = (by: Caller, text: string): string => {
    seen.push({ by, text });
    return text;
  };
  const call = async (by: Caller, tool: string, args: object): Promise<Told> => {
    const ask = async () => {
      const told = await callTool(url, tool, args, by.headers);
      hear(by, `${told.text} ${JSON.stringify(told.structured)}`);
      return told;
    };
    return untilAnswered(ask, ({ text }) => text);
  };
  const owners = await Promise.all(tokens.map((caller) => makeOwn(caller)));

  async function makeOwn(caller: Caller): Promise<Own> {
    const tasks = [1, 2].map((n) => ({
      to_number: `+1201555010${n}`,
      dynamic_variables: { first_name: markOf(caller) },
    }));
    const batch = batchIdOf(await call(caller, "create_batch_call", { name: "June", ...account, tasks, start: "now" }));
    const sent = await fetch(`${url.replace("/mcp", "/uploads")}?name=june.csv`, {
      method: "POST",
      body: `phone,first_name\n+12015550101,${markOf(caller)}\n`,
      headers: caller.headers,
    });
    const { upload } = JSON.parse(hear(caller, await sent.text()));
    const preview = await call(caller, "preview_batch_call", { name: "June", ...account, tasks_file: upload });
    const exported = await call(caller, "export_batch_results", { batch_id: batch });
    const list = String(preview.structured["list_id"]);
    const download = String(exported.structured["uri"]).split("/").at(-1) ?? "";
    if (!list.startsWith("list_") || download.length !== 22)
      throw new Error(`Not made: ${preview.text} ${exported.text}`);
    return { ...caller, batch, list, upload, download };
  }

  let foreign = 0;
  const told: string[] = [];
  await Promise.all(
    owners.map(async (own, place) => {
      await call(own, "get_batch_status", { batch_id: own.batch });
      await call(own, "get_batch_results", { batch_id: own.batch });
      await call(own, "list_batches", { limit: 100 });
      await call(own, "get_list", { list_id: own.list });
      const stranger = owners[(place + 1) % owners.length] ?? own;
      for (const { name, theirs, nobodys } of probes(own, stranger)) {
        foreign += 1;
        const one = plain(hear(own, await untilAnswered(theirs, String)), stranger);
        const other = plain(hear(own, await untilAnswered(nobodys, String)), never);
        if (one !== other || !/not_found|There is no/.test(one)) told.push(`${name}: ${one} / ${other}`);
      }
    }),
  );

  function* probes(own: Own, stranger: Own) {
    const tool = (name: string, args: (of: typeof never) => object) => ({
      name,
      theirs: async () => (await callTool(url, name, args(stranger), own.headers)).text,
      nobodys: async () => (await callTool(url, name, args(never), own.headers)).text,
    });
    for (const name of ["get_batch_status", "get_batch_results", "pause_batch", "cancel_batch", "resume_batch"])
      yield tool(name, ({ batch }) => ({ batch_id: batch }));
    yield tool("start_batch", ({ batch }) => ({ batch_id: batch, start: "now" }));
    yield tool("get_list", ({ list }) => ({ list_id: list }));
    yield tool("delete_list", ({ list }) => ({ list_id: list }));
    yield tool("preview_batch_call", ({ upload }) => ({ name: "June", ...account, tasks_file: upload }));
    const fetchFile = async (id: string) =>
      (await fetch(`${url.replace("/mcp", "/downloads/")}${id}`, { headers: own.headers })).text();
    yield { name: "download", theirs: () => fetchFile(stranger.download), nobodys: () => fetchFile(never.download) };
    const read = async (uri: string) =>
      (await readAnswer(await post(url, request(7, "resources/read", { uri }), own.headers))).error?.message ?? "read";
    for (const [kind, theirs, nobodys] of [
      ["batch", stranger.batch, never.batch],
      ["list", stranger.list, never.list],
    ] as const)
      yield { name: kind, theirs: () => read(`${kind}://${theirs}`), nobodys: () => read(`${kind}://${nobodys}`) };
  }

  // A probe names the id that it asked for, and its answer may say it again: what counts there is that it says nothing else.
  const organizationOf = new Map(
    owners.flatMap((own) =>
      [own.batch, own.list, own.upload, own.download].map((id) => [id, own.organization] as const),
    ),
  );
  const crossings = seen.filter(({ by, text }) => isCrossed(by, text, organizationOf));
  return {
    answers: seen.length,
    crossed: crossings.length,
    foreign,
    told: told.length,
    examples: [...told, ...crossings.map(({ text }) => text)].slice(0, 3),
  };
}

/** A server that everybody asks at once may answer that it is busy, or does not know; the same call again is safe, and is made a little later each time. */
async function untilAnswered<T>(ask: () => Promise<T>, textOf: (answer: T) => string, tries = 0): Promise<T> {
  const answer = await ask();
  if (tries >= 30 || !/^(unavailable|outcome_unknown|rate_limited)/.test(textOf(answer))) return answer;
  await sleep(systemClock, Math.random() * Math.min(500 * 2 ** tries, 20_000));
  return untilAnswered(ask, textOf, tries + 1);
}

function isCrossed(by: Caller, text: string, organizationOf: ReadonlyMap<string, number>): boolean {
  const marks = [...text.matchAll(/of-organization-(\d+)-/g)].map(([, organization]) => Number(organization));
  if (marks.some((organization) => organization !== by.organization)) return true;
  if (/not_found|There is no/.test(text)) return false;
  const ids = text.match(/batch_call_[0-9a-f]{32}|list_[\w-]{22}|upload:[\w-]{22}|(?<=downloads\/)[\w-]{22}/g) ?? [];
  return ids.some((id) => organizationOf.has(id) && organizationOf.get(id) !== by.organization);
}

function markOf({ organization }: Caller): string {
  return `of-organization-${organization}-`;
}

function plain(text: string, ids: typeof never): string {
  const { batch, list, upload, download } = ids;
  return [batch, list, upload, download].reduce((clean, id) => clean.replaceAll(id, "ID"), text);
}

async function inOrder<T>(count: number, make: (n: number) => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  for (let n = 0; n < count; n++) made.push(await make(n));
  return made;
}
