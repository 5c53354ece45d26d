import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { parseSettings } from "../../src/config/settings.ts";

function parse(env: Record<string, string>) {
  return parseSettings({ os: "linux", env, timezone: "UTC" });
}

describe.each(["BATCH_CALL_DATA_DIR", "BATCH_CALL_FILES_DIR"])("a folder in %s", (name) => {
  const folder = (text: string) => {
    const settings = parse({ [name]: text });
    if ("errors" in settings) return settings.errors;
    return name === "BATCH_CALL_DATA_DIR" ? settings.dataDir : settings.filesDirs[0];
  };

  test.each([
    ["/srv/calls", "/srv/calls"],
    ["~", homedir()],
    ["~/calls", join(homedir(), "calls")],
    ['"/srv/my calls"', "/srv/my calls"],
  ])("%s is taken as %s", (text, path) => {
    expect(folder(text)).toBe(path);
  });

  test("a relative one is refused with the absolute one to use", () => {
    for (const text of ["calls", "./calls", "../calls"])
      expect(folder(text)).toEqual([
        `${name}: "${text}" is a relative path, and clients start programs in folders of their own. Write the whole path; from the folder of this start it is ${resolve(text)}`,
      ]);
  });

  test.each([
    ["C:\\Users\\Ann\\calls", /is a path of Windows/],
    ["\\\\server\\calls", /is a path of Windows/],
    ["$HOME/calls", /\$HOME is not filled in/],
    ["%APPDATA%\\calls", /%APPDATA% is not filled in/],
    [["$", "{HOME}/calls"].join(""), /did not fill in/],
  ])("%s is refused in words", (text, words) => {
    expect(folder(text)).toEqual(expect.arrayContaining([expect.stringMatching(words)]));
  });
});
