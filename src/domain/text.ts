// The parts of each pattern share no character, so that a hostile text cannot make them backtrack.
// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal sequences are what it looks for
const terminalSequence = /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)/g;

// Cc control, Cf bidi marks and tags, Cs half a surrogate pair, Co private use, DI everything a renderer shows as nothing.
const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{DI}]/gu;

/**
 * Text from outside as one line that cannot pose as anything else: no terminal sequences, no control, bidi or
 * invisible characters, white space (line breaks too) as single spaces, at most `maxLength` UTF-16 units; where it
 * was cut it ends in "…".
 */
export function plainText(text: string, maxLength: number): string {
  const visible = text
    .replace(terminalSequence, "")
    .replace(invisible, (character) => (/\s/.test(character) ? " " : ""));
  const line = visible.replace(/\s+/g, " ").trim();
  if (line.length <= maxLength) return line;
  // A cut through a surrogate pair leaves half of it at the end, which `invisible` takes away.
  return `${line.slice(0, maxLength - 1).replace(invisible, "")}…`;
}

/** The first `${…}` in a text: something that was to be filled in and was not. */
export function findPlaceholder(text: string): string | undefined {
  return /\$\{[^{}]*\}/.exec(text)?.[0];
}

/** `call_1`, and `call 1` for an id that does not say itself what it is of. */
export function toCallName(callId: string): string {
  return callId.startsWith("call") ? callId : `call ${callId}`;
}

/** Parts with a semicolon between them; behind a sentence that has its full stop there is none. */
export function joinParts(parts: readonly string[]): string {
  return parts.reduce((text, part) => (text === "" ? part : `${text}${/[.!?…]$/.test(text) ? "" : ";"} ${part}`), "");
}

/** `1 person`, `1,200 people`; without `many` the noun gets an s: `1 row`, `2 rows`. A verb may follow the noun. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;
}
