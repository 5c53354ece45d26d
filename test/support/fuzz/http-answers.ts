export type HttpAnswer = {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
};

/** The HTTP/1.1 answers that follow each other in what came over a socket, and what is left that is none. */
export function readHttpAnswers(bytes: Buffer): { readonly answers: readonly HttpAnswer[]; readonly rest: Buffer } {
  const answers: HttpAnswer[] = [];
  let rest = bytes;
  while (rest.length > 0) {
    const headEnd = rest.indexOf("\r\n\r\n");
    const [first = "", ...lines] = rest.subarray(0, Math.max(headEnd, 0)).toString("latin1").split("\r\n");
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1]);
    if (headEnd < 0 || Number.isNaN(status)) break;
    const headers = new Map(
      lines.map((line): [string, string] => [
        line.split(":")[0]?.toLowerCase() ?? "",
        line.slice(line.indexOf(":") + 1).trim(),
      ]),
    );
    const after = rest.subarray(headEnd + 4);
    const read = status === 100 ? { body: "", length: 0 } : readBodyOf(headers, after);
    if (!read) break;
    answers.push({ status, headers, body: read.body });
    rest = after.subarray(read.length);
  }
  return { answers, rest };
}

type Body = { readonly body: string; readonly length: number };

/** Undefined where not all of it came. An answer to HEAD has the length of a body that it does not have. */
function readBodyOf(headers: ReadonlyMap<string, string>, after: Buffer): Body | undefined {
  if (headers.get("transfer-encoding") !== "chunked") {
    const given = headers.get("content-length");
    // To a client before HTTP/1.1 the end of the connection is that of the body (RFC 9112, section 6.3).
    const open = headers.get("connection") === "close" ? after.length : 0;
    const length = after.length === 0 ? 0 : Number(given ?? open);
    return after.length < length ? undefined : { body: after.subarray(0, length).toString(), length };
  }
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = after.indexOf("\r\n", at);
    const size = Number.parseInt(after.subarray(at, Math.max(lineEnd, at)).toString("latin1"), 16);
    const end = lineEnd + 2 + size + 2;
    if (lineEnd < 0 || Number.isNaN(size) || after.length < end) return undefined;
    if (size === 0) return { body: Buffer.concat(parts).toString(), length: end };
    parts.push(after.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = end;
  }
}
