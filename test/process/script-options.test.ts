import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { root } from "../support/process/spawn.ts";

test.each(["simulate", "sequences", "guards/guards"])(
  "the script %s answers an option that it does not have with one line, and ends with 2",
  async (script) => {
    const file = join(root, "build", "scripts", `${script}.js`);
    const ended = promisify(execFile)(process.execPath, [file, "--frobnicate", "1"]);
    await expect(ended).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^Unknown option '--frobnicate'\. It takes --[^\n]*\.\n$/),
    });
  },
);
