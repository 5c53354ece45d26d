import type { BatchCallApi, Page, PageRequest } from "../../client/api.ts";
import { toNextPage } from "../../contract/paging.ts";
import type { Batch } from "../../domain/batch/batch.ts";
import type { BatchPlan } from "../../domain/batch/plan.ts";
import { isMaskedNumber, numberFinder } from "../../domain/phone/shown-number.ts";

const pageSize = 100;
// Lists come newest change first, so a draft that was made minutes ago stands on the first pages.
const mostPages = 5;

/**
 * The batch that a create with this marker made, if it shows; with a plan, only where it is like that. When a request that
 * was given up arrived after all, there are more: one that was started is kept, else the oldest, and the other drafts
 * are deleted.
 */
export async function keepOneDuplicate(
  api: BatchCallApi,
  marker: string,
  plan?: BatchPlan,
): Promise<Batch | undefined> {
  const duplicates = await findDuplicates(api, marker, plan);
  const [oldest] = duplicates.toSorted((a, b) => (a.createdAt?.getTime() ?? 0) - (b.createdAt?.getTime() ?? 0));
  const kept = duplicates.find(({ status }) => status !== "draft") ?? oldest;
  if (kept) await deleteDrafts(api, duplicates, kept.batchId);
  return kept;
}

/** Deletes drafts with this marker that are not the batch that is kept. */
export async function deleteDuplicates(api: BatchCallApi, marker: string, keptId: string): Promise<void> {
  await deleteDrafts(api, await findDuplicates(api, marker), keptId);
}

async function deleteDrafts(api: BatchCallApi, duplicates: readonly Batch[], keptId: string): Promise<void> {
  for (const { batchId, status } of duplicates)
    if (batchId !== keptId && status === "draft") await api.deleteBatch(batchId);
}

async function findDuplicates(api: BatchCallApi, marker: string, plan?: BatchPlan): Promise<readonly Batch[]> {
  const isTwin = (batch: Batch): boolean => batch.name.includes(`[${marker}]`) && (!plan || matches(plan, batch));
  // How the name filter matches is documented nowhere, so an empty answer to it proves nothing.
  const named = await collect(api, isTwin, { name: [marker] });
  return named.length > 0 ? named : collect(api, isTwin, {});
}

async function collect(
  api: BatchCallApi,
  isTwin: (batch: Batch) => boolean,
  filter: { readonly name?: readonly string[] },
): Promise<Batch[]> {
  const found: Batch[] = [];
  let request: PageRequest | undefined = { page: 0, limit: pageSize };
  while (request && request.page < mostPages) {
    const page: Page<Batch> = await api.listBatches({ ...request, ...filter });
    found.push(...page.rows.filter(isTwin));
    request = toNextPage(request, page);
  }
  return found;
}

function matches(plan: BatchPlan, { total, agentId, fromNumber }: Batch): boolean {
  // It may not show all its people yet.
  if (total > plan.recipients.length) return false;
  const isSameCaller =
    fromNumber === undefined || isMaskedNumber(fromNumber) || numberFinder([plan.fromNumber])(fromNumber);
  return (agentId ?? plan.agentId) === plan.agentId && Boolean(isSameCaller);
}
