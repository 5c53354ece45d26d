import type { BatchCallApi, Page, PageRequest } from "../../client/api.ts";
import { toNextPage } from "../../contract/paging.ts";
import type { Task } from "../../domain/batch/batch.ts";

const pageSize = 100;
const pagesAtOnce = 4;

/**
 * Numbers of everybody of a batch, as the API shows them. Pages after the first are asked for side by side where it says how many there are;
 * what comes of it is what one after the other would have been: a page counts only when the one before it leads to it. Throws the `Problem`
 * of a read that counts and failed.
 */
export async function listNumbers(api: Pick<BatchCallApi, "listTasks">, batchId: string): Promise<readonly string[]> {
  const pages: Page<Task>[] = [];
  let request: PageRequest | undefined = { page: 0, limit: pageSize };
  let asked: readonly PromiseSettledResult<Page<Task>>[] = [];
  let firstAsked = 0;
  while (request) {
    if (!isNumbered(request, pages.length) || asked[pages.length - firstAsked] === undefined) {
      firstAsked = pages.length;
      asked = await Promise.allSettled(sideBySide(request, pages).map((each) => api.listTasks(batchId, each)));
    }
    const answer = asked[pages.length - firstAsked];
    if (answer?.status !== "fulfilled") throw answer?.reason;
    const page = answer.value;
    pages.push(page);
    // After a page that is no whole one the others may begin elsewhere by now.
    if (page.rows.length < pageSize) asked = [];
    request = toNextPage(request, page);
  }
  return pages.flatMap(({ rows }) => rows.map(({ toNumber }) => toNumber));
}

/** The request, and where it is one of many by their numbers, some that follow it. */
function sideBySide(request: PageRequest, pages: readonly Page<Task>[]): readonly PageRequest[] {
  if (!isNumbered(request, pages.length)) return [request];
  const left = Math.ceil((pages.at(-1)?.totalCount ?? 0) / pageSize) - pages.length;
  const length = Math.min(Math.max(left, 1), pagesAtOnce);
  return Array.from({ length }, (_, index) => ({ page: request.page + index, limit: pageSize }));
}

/** Whether a page is asked for by its number alone, in pages of the usual size. */
function isNumbered({ page, limit, cursor }: PageRequest, number: number): boolean {
  return page === number && limit === pageSize && cursor === undefined;
}
