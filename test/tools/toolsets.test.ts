import { describe, expect, it } from "vitest";
import { selectTools, tools } from "../../src/tools/index.ts";
import { parseToolsets, toolsets } from "../../src/tools/toolsets.ts";

const all = { isReadOnly: false, hasTestNumbers: true };

function names(selection: Parameters<typeof selectTools>[0]): readonly string[] {
  return selectTools(selection).map(({ name }) => name);
}

describe("the tools that a server lists", () => {
  it("are all of them, in their order, unless something else is asked for", () => {
    expect(selectTools(all)).toEqual(tools);
  });

  it("change nothing with --read-only", () => {
    const listed = selectTools({ ...all, isReadOnly: true });
    expect(listed.map(({ effect }) => effect)).not.toContainEqual(expect.not.stringMatching(/^reads$/));
    expect(listed.length).toBeGreaterThan(5);
  });

  it("have no preview with --read-only: it keeps the list that it read", () => {
    expect(names({ ...all, isReadOnly: true })).not.toContain("preview_batch_call");
  });

  it("are those of the toolsets that are named, each tool in one", () => {
    expect(names({ ...all, toolsets: ["results"] })).toEqual(["get_batch_results", "get_call", "export_batch_results"]);
    const apart = toolsets.flatMap((toolset) => names({ ...all, toolsets: [toolset] }));
    expect(apart.toSorted()).toEqual(tools.map(({ name }) => name).toSorted());
  });

  it("have no test call where the operator named no number for it", () => {
    expect(names({ ...all, hasTestNumbers: false })).not.toContain("test_call");
  });
});

describe("names of toolsets", () => {
  it("are taken in any letter case, with spaces", () => {
    expect(parseToolsets("lists, Results")).toEqual(["lists", "results"]);
  });

  it.each([
    ["list", 'there is no toolset "list". lists was probably meant. There are campaigns, lists, results'],
    ["telephones", 'there is no toolset "telephones". There are campaigns'],
    ["lists,", "--toolsets has an empty name"],
    ["", "--toolsets has an empty name"],
  ])("%j is refused", (text, words) => {
    expect(() => parseToolsets(text)).toThrow(words);
  });
});
