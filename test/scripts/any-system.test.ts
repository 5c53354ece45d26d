import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { z } from "zod";

const withScripts = z.object({ scripts: z.record(z.string(), z.string()).default({}) });

test.each(["package.json", "examples/bridge/package.json"])("the scripts of %s need no POSIX shell", async (file) => {
  const text = await readFile(new URL(`../../${file}`, import.meta.url), "utf8");
  const { scripts } = withScripts.parse(JSON.parse(text));
  for (const [name, script] of Object.entries(scripts)) {
    const ofShell = script
      .split("&&")
      .filter((part) => /^\s*(rm|cp|mv|mkdir|cat|export|sh|\w+=\S*)\s|['`$;|]/.test(part));
    expect({ name, ofShell }).toEqual({ name, ofShell: [] });
  }
});
