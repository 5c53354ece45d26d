import { spawn } from "node:child_process";
import type { Clock } from "../lib/clock.ts";

export type Desktop = {
  readonly os: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
};

type Command = { readonly file: string; readonly args: readonly string[] };

// A command that has not failed by then is a browser that stays in the foreground.
const patienceMs = 2000;

/**
 * Opens an address in the person's browser through the operating system, and never through a shell. Every user of the
 * machine can read it: it must hold no secret. False when there is no display or nothing that could open it.
 */
export async function openInBrowser(url: string, desktop: Desktop, clock: Clock): Promise<boolean> {
  for (const command of commandsFor(url, desktop)) if (await starts(command, desktop.env, clock)) return true;
  return false;
}

/** Whether there is a command to try. */
export function hasBrowser(desktop: Desktop): boolean {
  return commandsFor("", desktop).length > 0;
}

/** In the order in which they are tried. As with xdg-open, `BROWSER` is a list of commands; `%s` stands for the address. */
export function commandsFor(url: string, { os, env }: Desktop): readonly Command[] {
  const chosen = (env["BROWSER"] ?? "").split(os === "win32" ? ";" : ":").filter((text) => text.trim() !== "");
  return [...chosen.map((text) => toCommand(text, url)), ...platformCommand(url, os, env)];
}

function platformCommand(url: string, os: NodeJS.Platform, env: Desktop["env"]): readonly Command[] {
  if (os === "darwin") return [{ file: "open", args: [url] }];
  if (os === "win32") return [{ file: "rundll32", args: ["url.dll,FileProtocolHandler", url] }];
  return env["DISPLAY"] || env["WAYLAND_DISPLAY"] ? [{ file: "xdg-open", args: [url] }] : [];
}

function toCommand(text: string, url: string): Command {
  const [file = "", ...words] = text.trim().split(/\s+/);
  if (!words.some((word) => word.includes("%s"))) return { file, args: [...words, url] };
  return { file, args: words.map((word) => word.replaceAll("%s", url)) };
}

function starts({ file, args }: Command, env: Desktop["env"], clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: "ignore", detached: true, env: withoutSettings(env) });
    const cancel = clock.at(new Date(clock.now().getTime() + patienceMs), () => resolve(true));
    const settle = (opened: boolean): void => {
      cancel();
      resolve(opened);
    };
    child.once("error", () => settle(false));
    child.once("exit", (code) => settle(code === 0));
    child.unref();
  });
}

/** The settings hold keys, and a browser needs none of them. */
function withoutSettings(env: Desktop["env"]): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("BATCH_CALL_")));
}
