import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { listNumbers } from "../../../src/campaigns/create/list-numbers.ts";
import type { Page, PageRequest } from "../../../src/client/api.ts";
import { fromPageBody, toNextPage } from "../../../src/contract/paging.ts";
import type { Task } from "../../../src/domain/batch/batch.ts";
import { Problem } from "../../../src/domain/problem.ts";

/** What an API answers to the request for a page: a body, or undefined where it refuses. */
type Answer = (request: PageRequest) => unknown;

/** Only what is read of them here. */
const readTask = (row: unknown) => row as Task;
const rows = (count: number, from: number) =>
  Array.from({ length: count }, (_, index) => ({ toNumber: `+1${from + index}` }));

async function readPage(answer: Answer, request: PageRequest): Promise<Page<Task>> {
  const body = answer(request);
  const page = body === undefined ? undefined : fromPageBody(body, "tasks", request, readTask);
  if (!page) throw new Problem("bad_response", `page ${request.page}`);
  return page;
}

async function oneAfterTheOther(answer: Answer): Promise<readonly string[]> {
  const found: string[] = [];
  let request: PageRequest | undefined = { page: 0, limit: 100 };
  while (request) {
    const page: Page<Task> = await readPage(answer, request);
    found.push(...page.rows.map(({ toNumber }) => toNumber));
    request = toNextPage(request, page);
  }
  return found;
}

const list = (answer: Answer) => listNumbers({ listTasks: (_id, request) => readPage(answer, request) }, "batch");
const outcomeOf = (numbers: Promise<readonly string[]>) =>
  numbers.then(
    (found) => found,
    (error: Problem) => error.message,
  );

describe("the numbers of a draft", () => {
  it("are read four pages at a time where the API says how many there are", async () => {
    let now = 0;
    let most = 0;
    const numbers = await listNumbers(
      {
        async listTasks(_id, request) {
          most = Math.max(most, ++now);
          await new Promise((resolve) => setImmediate(resolve));
          now -= 1;
          const tasks = rows(100, request.page * 100);
          return readPage(() => ({ tasks, total_count: 1000 }), request);
        },
      },
      "batch",
    );
    expect(new Set(numbers).size).toBe(1000);
    expect(most).toBe(4);
  });

  it("of a short page among whole ones are followed by what that page leads to, however it was asked before", async () => {
    let reads = 0;
    const short: Answer = ({ page }) => {
      if (page === 2) reads += 1;
      // The third page was full a moment ago: what is asked for after the short second one is what counts.
      const tasks = page === 1 ? rows(40, 100) : page === 2 && reads > 1 ? rows(7, 900) : rows(100, page * 100);
      return { tasks, total_count: 1000, has_next_page: page < 2 };
    };
    const numbers = await list(short);
    expect(numbers).toHaveLength(147);
    expect(numbers.at(-1)).toBe("+1906");
  });

  it("are not those of later pages where an earlier one says that it is the last, or where it gives a cursor", async () => {
    const last: Answer = ({ page }) => ({
      tasks: rows(100, page * 100),
      total_count: 500,
      has_next_page: page !== 1,
    });
    expect(await list(last)).toHaveLength(200);
    const cursor: Answer = ({ page, cursor: given }) => ({
      tasks: given ? rows(3, 9000) : rows(100, page * 100),
      total_count: 500,
      has_next_page: given === undefined,
      ...(page === 1 && { next_cursor: "place" }),
    });
    expect((await list(cursor)).slice(-4)).toEqual(["+1199", "+19000", "+19001", "+19002"]);
  });

  it("do not fail for a page that one after the other would never have been asked for, and do for one that would", async () => {
    const refuses: Answer = ({ page }) =>
      page > 2 ? undefined : { tasks: rows(100, page * 100), total_count: 900, has_next_page: page < 2 };
    expect(await list(refuses)).toHaveLength(300);
    const broken: Answer = ({ page }) =>
      page === 2 ? undefined : { tasks: rows(100, page * 100), total_count: 900, has_next_page: page < 8 };
    await expect(list(broken)).rejects.toThrow("page 2");
  });

  it("are what one page after the other would have shown, of whatever pages", async () => {
    const page = fc.record(
      {
        size: fc.constantFrom(0, 1, 50, 99, 100, 100, 100, 100, 101),
        total_count: fc.constantFrom(0, 99, 100, 250, 400, 400, 800, 1200),
        has_next_page: fc.constantFrom(true, true, true, false),
        limit: fc.constantFrom(50, 100, 100),
        next_cursor: fc.constantFrom("a", "b"),
        isRefused: fc.constantFrom(false, false, false, false, true),
      },
      { requiredKeys: ["size"] },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(page, { minLength: 1, maxLength: 12 }), async (pages) => {
        const answer: Answer = ({ page: number, limit, cursor }) => {
          const { size = 0, isRefused, ...said } = pages[number] ?? {};
          if (isRefused) return undefined;
          const from = number * 1000 + limit + (cursor === undefined ? 0 : 200_000);
          return { tasks: rows(size, from), ...said };
        };
        expect(await outcomeOf(list(answer))).toEqual(await outcomeOf(oneAfterTheOther(answer)));
      }),
      { numRuns: 3000 },
    );
  });
});
