import { expect, test } from "vitest";
import { platformNames } from "../../support/carriers/platform-world.ts";
import { compareWithDocument } from "../../support/platforms/api-document.ts";
import { excerpts } from "../../support/platforms/documents.ts";
import { exchangesOf } from "../../support/platforms/exchanges.ts";
import { retellExcerpt } from "../../support/platforms/retell-excerpt.ts";

/** Those of the other kind of number. */
const unused = new Set(["/v1/convai/sip-trunk/outbound-call"]);

test.each(platformNames)(
  "%s: its carrier and its stand-in say to each other what is documented, and nothing else",
  async (name) => {
    const { excerpt } = excerpts[name];
    const exchanges = await exchangesOf(name);
    const report = compareWithDocument(excerpt, exchanges);
    expect(report).toEqual({ differences: [], unknownRoutes: [], checked: exchanges.length });
    const paths = exchanges.map(({ request: { path } }) => path);
    const untried = Object.keys(excerpt.paths).filter(
      (pattern) => !unused.has(pattern) && !paths.some((path) => isOn(pattern, path)),
    );
    expect(untried).toEqual([]);
  },
);

function isOn(pattern: string, path: string): boolean {
  return new RegExp(`^${pattern.replaceAll(/\{[^}]*\}/g, "[^/]+")}$`).test(path);
}

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
