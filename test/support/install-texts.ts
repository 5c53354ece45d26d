import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "smol-toml";
import { z } from "zod";
import { root } from "./process/spawn.ts";

/** How a text says that the server is started. */
export type SaidStart = { readonly command: string; readonly args: readonly string[] };
export type InstallText = {
  readonly client: string;
  readonly kind: "line" | "link" | "json" | "toml";
  readonly start: SaidStart;
};

const start = z.object({ command: z.string(), args: z.array(z.string()) });

/** Every text of docs/install.md that starts the server over stdio, read as its client reads it. */
export async function installTexts(): Promise<readonly InstallText[]> {
  const page = await readFile(join(root, "docs/install.md"), "utf8");
  return page
    .split(/^## /m)
    .slice(1)
    .flatMap((section) => {
      const client = section.slice(0, section.indexOf("\n"));
      return [...fences(client, section), ...links(client, section)];
    });
}

/** The same of the README's table. */
export async function readmeTexts(): Promise<readonly InstallText[]> {
  const page = await readFile(join(root, "README.md"), "utf8");
  const rows = /<!-- install -->([\s\S]*)<!-- \/install -->/.exec(page)?.[1]?.split("\n") ?? [];
  return rows.flatMap((row) => {
    const client = /^\| \[([^\]]+)/.exec(row)?.[1];
    if (client === undefined) return [];
    const lines = [...row.matchAll(/`((?:claude|code|codex|gemini) [^`]+)`/g)].map(([, line = ""]) =>
      fromLine(client, line),
    );
    return [...lines, ...links(client, row)];
  });
}

function fences(client: string, section: string): readonly InstallText[] {
  return [...section.matchAll(/```(\w+)\n([\s\S]*?)```/g)].flatMap(([, language, text = ""]) => {
    switch (language) {
      case "json":
        return [{ client, kind: "json", start: fromFile(JSON.parse(text)) } as const];
      case "toml":
        return [{ client, kind: "toml", start: fromFile(parse(text)) } as const];
      case "sh":
        return [fromLine(client, text.trim())];
      default:
        return [];
    }
  });
}

function links(client: string, section: string): readonly InstallText[] {
  return [...section.matchAll(/\]\((https:[^)]*(?:install)[^)]*)\)/g)].map(([, link = ""]) => {
    const { searchParams } = new URL(link);
    const config = searchParams.get("config") ?? "";
    const text = config.startsWith("{") ? config : Buffer.from(config, "base64").toString();
    return { client, kind: "link", start: start.parse(JSON.parse(text)) } as const;
  });
}

/** What the client's own program is given, by a real shell. */
function fromLine(client: string, line: string): InstallText {
  const words = execFileSync("sh", ["-c", `printf '%s\\n' ${line}`], { encoding: "utf8" })
    .trimEnd()
    .split("\n");
  const [program] = words;
  if (program === "code") return { client, kind: "line", start: start.parse(JSON.parse(words.at(-1) ?? "")) };
  const dashes = words.indexOf("--");
  // Gemini CLI takes the command before the dashes and its options after them.
  const [command = "", ...args] =
    program === "gemini" ? words.slice(dashes - 1).filter((word) => word !== "--") : words.slice(dashes + 1);
  return { client, kind: "line", start: { command, args } };
}

/** Under whatever key, an entry named as ours. */
function fromFile(file: unknown): SaidStart {
  const found = findEntry(file);
  return start.parse(found);
}

function findEntry(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  const members: Record<string, unknown> = { ...value };
  return (
    members["batch-call"] ??
    Object.values(members)
      .map(findEntry)
      .find((found) => found !== undefined)
  );
}
