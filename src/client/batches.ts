import { fromBatchBody, hasBatchId } from "../contract/batch/batch.ts";
import { fromListChangeBody, toTasksBody } from "../contract/batch/change-list.ts";
import { toCreateBatchBody } from "../contract/batch/create-batch.ts";
import { toEditBatchBody } from "../contract/batch/edit.ts";
import { toGrantBody, toResumeBody } from "../contract/batch/grant.ts";
import { toFilterBody, toListQuery } from "../contract/batch/list.ts";
import { fromTaskBody, toTasksQuery } from "../contract/batch/tasks.ts";
import { isObject, unwrap } from "../contract/envelope.ts";
import { present } from "../contract/fields.ts";
import { fromPageBody } from "../contract/paging.ts";
import { buildPath, headers, routes } from "../contract/routes.ts";
import type { Batch } from "../domain/batch/batch.ts";
import type { BatchPlan } from "../domain/batch/plan.ts";
import { Problem } from "../domain/problem.ts";
import type { BatchCallApi } from "./api.ts";
import type { ApiWrite, Requester } from "./requester.ts";

type BatchMethods = Pick<
  BatchCallApi,
  | "createDraft"
  | "getBatch"
  | "listBatches"
  | "editBatch"
  | "replaceDraft"
  | "replaceList"
  | "deleteBatch"
  | "executeBatch"
  | "pauseBatch"
  | "resumeBatch"
  | "cancelBatch"
  | "listTasks"
>;

/** `isOurs` tells whether an upstream showed that it takes the extensions, `Idempotency-Key` among them. */
export function batchMethods(api: Requester, isOurs: (origin: string) => boolean): BatchMethods {
  function getBatch(batchId: string): Promise<Batch> {
    return api.read({
      route: routes.getBatch,
      path: buildPath(routes.getBatch, { id: batchId }),
      parse: fromBatchBody,
    });
  }

  /** Some answers to a change only name the batch (H:update); what it is now has to be asked for then. */
  async function change(batchId: string, request: Omit<ApiWrite<Batch>, "parse">): Promise<Batch> {
    const answer = await api.write<Batch | "named">({
      ...request,
      parse: (body) => fromBatchBody(body) ?? (hasBatchId(body) ? "named" : undefined),
    });
    return answer === "named" ? getBatch(batchId) : answer;
  }

  /** An upstream without the route and one without the batch may both answer 404: the batch itself tells which. */
  async function changeByExtension(batchId: string, request: Omit<ApiWrite<Batch>, "parse">): Promise<Batch> {
    try {
      return await change(batchId, request);
    } catch (problem) {
      if (problem instanceof Problem && problem.code === "unsupported") await getBatch(batchId);
      throw problem;
    }
  }

  return {
    getBatch,

    async createDraft(plan, idempotencyKey) {
      const { origin } = await api.baseUrl();
      const request = draftRequest(plan, idempotencyKey, isOurs(origin));
      try {
        return await api.write(request);
      } catch (problem) {
        const isUnknown = problem instanceof Problem && problem.code === "outcome_unknown";
        if (!isUnknown || !isOurs(origin)) throw problem;
        // Safe: our service answers a key that it has seen with the batch of the first time. When this fails as well,
        // the first attempt is still the one whose outcome matters.
        return await api.write(request).catch(() => Promise.reject(problem));
      }
    },

    listBatches({ page, limit, cursor, ...filter }) {
      const paging = { page, limit, ...present({ cursor }) };
      const parse = (body: unknown) => fromPageBody(body, "batch_calls", paging, fromBatchBody);
      if (Object.values(filter).every((values) => values === undefined)) {
        return api.read({
          route: routes.listBatches,
          path: routes.listBatches.pattern,
          query: toListQuery(paging),
          parse,
        });
      }
      return api.read({
        route: routes.filterBatches,
        path: routes.filterBatches.pattern,
        body: toFilterBody(paging, filter),
        parse,
      });
    },

    editBatch(batchId, edit) {
      return change(batchId, {
        route: routes.editBatch,
        path: buildPath(routes.editBatch, { id: batchId }),
        body: toEditBatchBody(edit),
        ifUnknown: `The change may have been made. Call get_batch_status with batch_id "${batchId}" before trying again.`,
      });
    },

    replaceDraft(batchId, plan) {
      return change(batchId, {
        route: routes.replaceBatch,
        path: buildPath(routes.replaceBatch, { id: batchId }),
        body: toCreateBatchBody(plan),
        ifUnknown: `The draft may have another list now; nobody is being called. Give the same change again.`,
      });
    },

    async replaceList(batchId, recipients, { hold }) {
      const { origin } = await api.baseUrl();
      const request: ApiWrite<ChangedList> = {
        route: routes.replaceTasks,
        path: buildPath(routes.replaceTasks, { id: batchId }),
        body: toTasksBody(recipients, hold),
        parse: fromChangedListBody,
        ifUnknown: `The list may have been changed. Call get_batch_status with batch_id "${batchId}", then give the same change again: twice does no harm.`,
      };
      try {
        return await api.write(request);
      } catch (problem) {
        if (!(problem instanceof Problem)) throw problem;
        if (problem.code === "unsupported") await getBatch(batchId);
        if (problem.code !== "outcome_unknown" || !isOurs(origin)) throw problem;
        // Safe: the same list again changes nothing.
        return await api.write(request).catch(() => Promise.reject(problem));
      }
    },

    async deleteBatch(batchId) {
      await api.write({
        route: routes.deleteBatch,
        path: buildPath(routes.deleteBatch, { id: batchId }),
        parse: isAcknowledged,
        ifUnknown: `The batch may be gone. Call get_batch_status with batch_id "${batchId}" before trying again.`,
      });
    },

    async executeBatch(batchId, grant) {
      await api.write({
        route: routes.executeBatch,
        path: buildPath(routes.executeBatch, { id: batchId }),
        ...(grant && { body: { grant: toGrantBody(grant) } }),
        parse: isAcknowledged,
        ifUnknown: `The batch may have started and people may be called. Call get_batch_status with batch_id "${batchId}"; start it again only if it is still a draft or scheduled.`,
      });
    },

    pauseBatch(batchId, options) {
      return changeByExtension(batchId, {
        route: routes.pauseBatch,
        path: buildPath(routes.pauseBatch, { id: batchId }),
        ...(options?.isResumable && { body: { resumable: true } }),
        ifUnknown: "The batch may still be calling. Call pause_batch again; pausing twice does no harm.",
      });
    },

    resumeBatch(batchId, resumption) {
      return changeByExtension(batchId, {
        route: routes.resumeBatch,
        path: buildPath(routes.resumeBatch, { id: batchId }),
        body: toResumeBody(resumption),
        ifUnknown: `The batch may be calling again. Call get_batch_status with batch_id "${batchId}" before trying again.`,
      });
    },

    cancelBatch(batchId) {
      return changeByExtension(batchId, {
        route: routes.cancelBatch,
        path: buildPath(routes.cancelBatch, { id: batchId }),
        ifUnknown: `The batch may still be calling. Call get_batch_status with batch_id "${batchId}", and cancel_batch again if it is not cancelled.`,
      });
    },

    listTasks(batchId, { page, limit, cursor, ...filter }) {
      const paging = { page, limit, ...present({ cursor }) };
      return api.read({
        route: routes.listTasks,
        path: buildPath(routes.listTasks, { id: batchId }),
        query: toTasksQuery(paging, filter),
        parse: (body) => fromPageBody(body, "tasks", paging, fromTaskBody),
      });
    },
  };
}

function draftRequest(plan: BatchPlan, idempotencyKey: string, toOurs: boolean): ApiWrite<Batch> {
  return {
    route: routes.createBatch,
    path: routes.createBatch.pattern,
    body: toCreateBatchBody(plan, toOurs),
    headers: { [headers.idempotencyKey]: idempotencyKey },
    parse: fromBatchBody,
    ifUnknown: `The batch may exist. It was sent as a draft, which calls nobody, and only its status tells whether the API made it one. Call list_batches with name ${JSON.stringify(plan.name)} before trying again.`,
  };
}

/** For routes whose answer tells nothing more: an empty body or any JSON object. */
function isAcknowledged(body: unknown): true | undefined {
  return body === undefined || isObject(body) ? true : undefined;
}

type ChangedList = Awaited<ReturnType<BatchCallApi["replaceList"]>>;

function fromChangedListBody(body: unknown): ChangedList | undefined {
  const data = unwrap(body);
  const batch = isObject(data) ? fromBatchBody(data["batch"]) : undefined;
  const report = fromListChangeBody(body);
  return batch && report && { batch, report };
}
