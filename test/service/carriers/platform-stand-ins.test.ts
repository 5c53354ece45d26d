import { expect, test } from "vitest";
import { compareWithDocument } from "../../support/platforms/api-document.ts";
import { retellExcerpt } from "../../support/platforms/retell-excerpt.ts";
import { retellExchanges } from "../../support/platforms/retell-exchanges.ts";

test("Retell's carrier and its stand-in say to each other what is documented, and nothing else", async () => {
  const exchanges = await retellExchanges();
  const report = compareWithDocument(retellExcerpt, exchanges);
  expect(report).toEqual({ differences: [], unknownRoutes: [], checked: exchanges.length });
  const routes = new Set(exchanges.map(({ request: { path } }) => path.replace(/\/(call|agent|llm)_\w+$/, "/{id}")));
  expect(routes.size).toBe(Object.keys(retellExcerpt.paths).length);
});

test("what is not documented is named", () => {
  const exchange = (body: object, answer: { status: number; body: object }) => ({
    request: { method: "POST", path: "/v2/create-phone-call", query: new URLSearchParams(), headers: {}, body },
    answer,
  });
  const { differences } = compareWithDocument(retellExcerpt, [
    exchange(
      { from_number: "+14155550100", retry: 3 },
      { status: 201, body: { call_id: "call_1", call_status: "done" } },
    ),
    exchange({}, { status: 418, body: {} }),
  ]);
  expect(differences).toEqual([
    "POST /v2/create-phone-call body.retry is not documented",
    "POST /v2/create-phone-call 201.call_status: done is not one of the documented words",
    "POST /v2/create-phone-call: 418 is not documented",
  ]);
});
