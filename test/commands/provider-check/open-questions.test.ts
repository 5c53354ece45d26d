import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { answeredBy, measuredText, openQuestions } from "../../../src/commands/provider-check/open-questions.ts";
import { platformNames } from "../../support/carriers/platform-world.ts";

const pageOf = (name: string) => readFile(new URL(`../../../docs/providers/${name}.md`, import.meta.url), "utf8");

test.each(platformNames)(
  "%s: its page asks what check-provider knows of, and claims what it measures",
  async (name) => {
    const page = await pageOf(name);
    const [, part = ""] = page.split("## To measure first on a live account");
    const asked = [...part.matchAll(/^\d+\. (.*)$/gm)].map(([, text]) => text);
    expect(asked).toEqual(openQuestions[name].map(({ asks }) => asks));
    expect(part).toContain(measuredText(name));
  },
);

test("each question is told with its measurements, or with why one call does not answer it", () => {
  expect(answeredBy("retell")).toEqual([
    "1: found, course",
    "2: found, fields",
    "3: not measured, it takes more calls than one",
    "4: stop (with --stop)",
    "5: not measured, it takes more calls than one",
    "6: fields",
  ]);
});
