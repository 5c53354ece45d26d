import type { CallerId, VoiceAgent } from "../contract/account.ts";
import { fromBatchBody } from "../contract/batch/batch.ts";
import { toListQuery } from "../contract/batch/list.ts";
import { fromWaveTaskBody, type HostedApi, toWaveBody } from "../contract/hosted-wave.ts";
import { fromPageBody, toNextPage, toPagingQuery } from "../contract/paging.ts";
import { buildPath, routes } from "../contract/routes.ts";
import { directoryMethods } from "./account.ts";
import type { Page, PageRequest } from "./api.ts";
import type { ApiOptions } from "./batch-call-api.ts";
import { batchMethods } from "./batches.ts";
import { openConnections, UpstreamFacts } from "./connection.ts";
import { createRequester } from "./requester.ts";

/** The account behind the carrier `hosted`, as far as a service shows it. */
export type HostedAccount = {
  /** All of them, with their declared variables. */
  agents(): Promise<readonly VoiceAgent[]>;
  phoneNumbers(): Promise<readonly CallerId[]>;
  /** True when what answers is a service of ours, which is no provider; asked once it has answered. */
  isOurs(): Promise<boolean>;
};

const pageSize = 100;
/** A wave that is looked for is among the newest. */
const pagesLookedThrough = 5;
/** How far another clock than ours may date what it made. */
const clockToleranceMs = 10 * 60_000;

/** The hosted API as a carrier uses it: the routes that its pages document. Which setting to correct is for the carrier to say. `close` gives up what is under way. */
export function createHostedApi(
  options: ApiOptions,
  connections = openConnections(options.clock),
): HostedApi & HostedAccount {
  const facts = new UpstreamFacts();
  const api = createRequester({
    ...options,
    random: options.random ?? Math.random,
    connections,
    onAnswer: (origin, answer) => facts.note(origin, answer),
  });
  const { getBatch, deleteBatch, executeBatch } = batchMethods(api, () => false);
  const { getCall, listAgents, getAgent, listPhoneNumbers } = directoryMethods(api);

  /** The pages of the list, newest batches first, back to those made before that, or until enough were looked through. */
  async function* newestSince(since: Date) {
    const oldest = since.getTime() - clockToleranceMs;
    let request: PageRequest | undefined = { page: 0, limit: pageSize };
    for (let page = 0; request && page < pagesLookedThrough; page += 1) {
      const paging: PageRequest = request;
      const read: Page<NonNullable<ReturnType<typeof fromBatchBody>>> = await api.read({
        route: routes.listBatches,
        path: routes.listBatches.pattern,
        query: toListQuery(paging),
        parse: (body) => fromPageBody(body, "batch_calls", paging, fromBatchBody),
      });
      const isOlder = read.rows.every(({ createdAt }) => createdAt !== undefined && createdAt.getTime() < oldest);
      request = isOlder ? undefined : toNextPage(paging, read);
      yield { rows: read.rows, isLast: request === undefined };
    }
  }

  return {
    getBatch,
    getCall,
    deleteBatch,
    execute: (batchId) => executeBatch(batchId),

    async createDraft(wave) {
      const { batchId } = await api.write({
        route: routes.createBatch,
        path: routes.createBatch.pattern,
        body: toWaveBody(wave),
        parse: fromBatchBody,
        ifUnknown:
          "It may exist. It was sent as a draft, which calls nobody; whether it was made one is known only when it is found.",
      });
      return batchId;
    },

    async findWave(reference, since) {
      for await (const { rows } of newestSince(since)) {
        const found = rows.find(({ name }) => name.endsWith(reference));
        if (found) return found.batchId;
      }
      return undefined;
    },

    async isMissing(reference, { beside, since }) {
      let showsBeside = false;
      let isWhole = false;
      for await (const { rows, isLast } of newestSince(since)) {
        if (rows.some(({ name }) => name.endsWith(reference))) return false;
        showsBeside ||= rows.some(({ name }) => name.endsWith(beside));
        isWhole = isLast;
      }
      return showsBeside && isWhole;
    },

    listTasks: (batchId) =>
      readAll((paging) =>
        api.read({
          route: routes.listTasks,
          path: buildPath(routes.listTasks, { id: batchId }),
          query: toPagingQuery(paging),
          parse: (body) => fromPageBody(body, "tasks", paging, fromWaveTaskBody),
        }),
      ),

    async agents() {
      const found = await readAll(listAgents);
      const whole: VoiceAgent[] = [];
      for (const { agentId } of found) whole.push(await getAgent(agentId));
      return whole;
    },
    phoneNumbers: () => readAll(listPhoneNumbers),
    isOurs: async () => facts.isOurs((await api.baseUrl()).origin),
    close: () => connections.close(),
  };
}

async function readAll<T>(readPage: (paging: PageRequest) => Promise<Page<T>>): Promise<readonly T[]> {
  const rows: T[] = [];
  let request: PageRequest | undefined = { page: 0, limit: pageSize };
  while (request) {
    const page: Page<T> = await readPage(request);
    rows.push(...page.rows);
    request = toNextPage(request, page);
  }
  return rows;
}
