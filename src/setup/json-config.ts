import { isDeepStrictEqual } from "node:util";
import {
  findNodeAtLocation,
  type JSONPath,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from "jsonc-parser";
import { Problem } from "../domain/problem.ts";
import { type ConfigFormat, jsonEntry } from "./clients.ts";
import { type Entry, serverName } from "./entry.ts";
import { positionOf, refuseChange } from "./refusals.ts";

type JsonFormat = Extract<ConfigFormat, { kind: "json" }>;
type Members = Record<string, unknown>;

/**
 * The text with the entry in it and everything else as it was, comments and spaces too. An entry of the same name keeps what it has
 * besides its command: settings, switches. Throws a `Problem` that says where, for a text that the client cannot read either.
 */
export function editJson(text: string, format: JsonFormat, entry: Entry): string {
  const bom = text.startsWith("\uFEFF") ? "\uFEFF" : "";
  const body = text.slice(bom.length);
  const before = body.trim() === "" ? "{}\n" : body;
  const members = read(before, format);
  const after = changesOf(members, format, entry).reduce((text, { path, value }) => put(text, path, value), before);
  // A key that stands twice in the file is edited in one place and read in the other.
  if (!isDeepStrictEqual(read(after, format), expected(members, format, entry)))
    throw refuseChange(`"${format.key}" or "${serverName}" stands in it twice`);
  return bom + after;
}

/** The entry that a text has, if any. */
export function entryInJson(text: string, format: JsonFormat): Members | undefined {
  const body = text.replace(/^\uFEFF/, "");
  return body.trim() === "" ? undefined : entryOf(read(body, format), format);
}

function read(text: string, { takesComments, key }: JsonFormat): Members {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { disallowComments: !takesComments, allowTrailingComma: takesComments });
  const [first] = errors;
  if (first) {
    // An entry beside them would look added, and the client may read nothing of the file.
    if (printParseErrorCode(first.error) === "InvalidCommentToken")
      throw new Problem(
        "invalid_input",
        `it has a comment at ${positionOf(text, first.offset)}, which this client is not known to read. Take comments out, or add the entry by hand`,
      );
    const what = printParseErrorCode(first.error)
      .replaceAll(/([a-z])([A-Z])/g, "$1 $2")
      .toLowerCase();
    throw new Problem(
      "invalid_input",
      `it is no JSON that the client can read: ${what} at ${positionOf(text, first.offset)}`,
    );
  }
  const value = tree && toValue(tree);
  if (!isMembers(value)) throw new Problem("invalid_input", "it holds no JSON object");
  const servers = value[key];
  if (servers !== undefined && !isMembers(servers))
    throw new Problem("invalid_input", `its "${key}" is no JSON object`);
  return value;
}

/** As JSON.parse would: the library's own reading takes a member named `__proto__` for something else. */
function toValue({ type, value, children = [] }: Node): unknown {
  if (type === "array") return children.map(toValue);
  if (type !== "object") return value;
  return Object.fromEntries(
    children.map(({ children: [name, member] = [] }) => [name?.value, member && toValue(member)]),
  );
}

function entryOf(members: Members, { key }: JsonFormat): Members | undefined {
  const servers = members[key];
  const found = isMembers(servers) ? servers[serverName] : undefined;
  if (found !== undefined && !isMembers(found))
    throw new Problem("invalid_input", `its "${serverName}" is no JSON object`);
  return found;
}

type Change = { readonly path: JSONPath; readonly value: unknown };

function changesOf(members: Members, format: JsonFormat, entry: Entry): readonly Change[] {
  const found = entryOf(members, format);
  const path = [format.key, serverName];
  const wanted = jsonEntry(entry, format);
  if (!found) return [{ path, value: wanted }];
  if (found["url"] !== undefined || found["serverUrl"] !== undefined || found["httpUrl"] !== undefined)
    throw refuseChange(`its "${serverName}" is reached over HTTP`);
  const { env, ...rest } = wanted;
  const own = Object.entries(rest).map(([name, value]) => ({ path: [...path, name], value }));
  const settings = Object.entries(isMembers(env) ? env : {}).map(([name, value]) => ({
    path: [...path, "env", name],
    value,
  }));
  return [...own, ...settings].filter(
    ({ path: [, , ...within], value }) => !isDeepStrictEqual(valueAt(found, within), value),
  );
}

function expected(members: Members, format: JsonFormat, entry: Entry): Members {
  const copy: Members = structuredClone(members);
  for (const { path, value } of changesOf(members, format, entry)) putAt(copy, path, value);
  return copy;
}

function putAt(members: Members, [first, ...rest]: JSONPath, value: unknown): void {
  const name = String(first);
  if (rest.length === 0) {
    members[name] = value;
    return;
  }
  const found = members[name];
  const inner = isMembers(found) ? found : {};
  members[name] = inner;
  putAt(inner, rest, value);
}

function valueAt(members: Members, path: JSONPath): unknown {
  return path.reduce<unknown>((value, name) => (isMembers(value) ? value[String(name)] : undefined), members);
}

function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// Not the library's own edits: they set a comment that ends the line of the last member behind the new one, and lay that line out again.

/** The text with the value at the path. What is missing on the way becomes the first member of its object. */
function put(text: string, path: JSONPath, value: unknown): string {
  const root = parseTree(text, [], { allowTrailingComma: true });
  const found = root && findNodeAtLocation(root, path);
  const style = styleOf(text);
  if (found) return splice(text, found.offset, found.length, laidOut(value, path.length, style));
  const parentPath = path.slice(0, -1);
  const parent = root && findNodeAtLocation(root, parentPath);
  const name = path.at(-1);
  if (!parent || name === undefined) return put(text, parentPath, { [String(name)]: value });
  const hasMembers = (parent.children ?? []).length > 0;
  const member = `${JSON.stringify(name)}: ${laidOut(value, path.length, style)}${hasMembers ? "," : ""}`;
  const start = parent.offset + 1;
  const comment = /^[ \t]*(?:\/\/[^\r\n]*)?(?=\r?\n)/.exec(text.slice(start))?.[0] ?? "";
  const isClosedHere = !hasMembers && /^[ \t]*\}/.test(text.slice(start));
  const end = isClosedHere ? style.eol + style.indent.repeat(path.length - 1) : "";
  return splice(text, start + comment.length, 0, `${style.eol}${style.indent.repeat(path.length)}${member}${end}`);
}

function splice(text: string, offset: number, length: number, put: string): string {
  return text.slice(0, offset) + put + text.slice(offset + length);
}

type Style = { readonly indent: string; readonly eol: string };

/** Lists of words on one line, as people write them. */
function laidOut(value: unknown, depth: number, { indent, eol }: Style): string {
  if (Array.isArray(value)) return `[${value.map((item) => JSON.stringify(item)).join(", ")}]`;
  if (!isMembers(value)) return JSON.stringify(value);
  const lines = Object.entries(value).map(
    ([name, member]) =>
      `${indent.repeat(depth + 1)}${JSON.stringify(name)}: ${laidOut(member, depth + 1, { indent, eol })}`,
  );
  return `{${eol}${lines.join(`,${eol}`)}${eol}${indent.repeat(depth)}}`;
}

function styleOf(text: string): Style {
  return { indent: /^([ \t]+)["/]/m.exec(text)?.[1] ?? "  ", eol: text.includes("\r\n") ? "\r\n" : "\n" };
}
