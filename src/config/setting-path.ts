import { isAbsolute, resolve, win32 } from "node:path";
import type { Issue } from "../domain/problem.ts";
import { inHome } from "../lib/system.ts";

/**
 * A folder as somebody wrote it in a client's settings, where no shell reads it: `~` is the home, quotes around it mean nothing. Refused
 * are a relative one (the client chooses where programs start), one of another system, and a variable that nobody filled in.
 */
export function parseSettingPath(text: string, field: string): string | Issue {
  const path = inHome(text.trim().replace(/^(["'])(.*)\1$/, "$2"));
  const variable = /^(?:\$\w+|%\w+%)(?=[\\/]|$)/.exec(path)?.[0];
  const wrong = (message: string): Issue => ({ field, code: "path", message });
  if (variable !== undefined)
    return wrong(
      `${variable} is not filled in here, because no shell reads this setting. Write the whole path, or ~ for your home.`,
    );
  if (isAbsolute(path)) return path;
  if (win32.isAbsolute(path) || /^[a-z]:/i.test(path)) return windowsPath(path, field);
  return wrong(
    `"${path}" is a relative path, and clients start programs in folders of their own. Write the whole path; from the folder of this start it is ${resolve(path)}`,
  );
}

/** For a path of Windows on another system. */
export function windowsPath(path: string, field: string): Issue {
  const message = `"${path}" is a path of Windows, and this is another system. Write it as it is here, such as ~/batch-calls.`;
  return { field, code: "path", message };
}
