import { parseJson } from "../../../src/domain/json-text.ts";
import type { Random } from "../random.ts";
import { damage, makeFrameText } from "./frame-makers.ts";
import { type Expected, expectedOf, isAnswered, judgeMessage } from "./frame-oracles.ts";
import type { FrameRound } from "./frame-round.ts";
import { inTime, StdioPeer } from "./stdio-peer.ts";

/** Lines on the stdin of a server, in pieces of any length; after each a ping must be answered. */
export async function playStdioRound({ served, random, cases, findings, wrong }: FrameRound): Promise<void> {
  const peer = new StdioPeer(served);
  await peer.open(random.pick(["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"]));
  for (let at = 1; at <= cases && !findings.isEnough; at++) {
    const bytes = makeLine(random, at);
    const lines = bytes.toString().split("\n");
    const shown = bytes.subarray(0, 2000).toString();
    const tell = wrong(at);
    peer.take();
    const expected = lines.map(expectedOf);
    // A call that is cancelled in the same breath is not answered.
    const isCancelled = bytes.includes("cancelled");
    const before = performance.now();
    const good = `good-${at}`;
    // Two lines can have the same id: the first answer to it is waited for.
    const ids = new Set(expected.flatMap((one) => (one.kind === "answer" && !isCancelled ? [one.id] : [])));
    const answers = [...ids].map((id) => peer.answerTo(id));
    for (const piece of cut(bytes, random)) peer.write(piece);
    const ping = peer.ask(JSON.stringify({ jsonrpc: "2.0", id: good, method: "ping" }), good);
    const isServed = await inTime(Promise.all([ping, ...answers]));
    findings.timed(performance.now() - before, shown);
    const came = peer.take();
    if (!isServed) {
      tell(`Not answered: ${JSON.stringify(expected)}; what came: ${came.join("\n").slice(0, 500)}`, shown);
      break;
    }
    for (const line of came) for (const what of judgeMessage(line)) tell(what, shown);
    const messages = came.flatMap((line) => parseJson(line));
    for (const one of expected) {
      findings.count(`stdio ${kindOf(one)}`);
      if (!isCancelled && !isAnswered(one, messages))
        tell(`Expected ${JSON.stringify(one)}: ${came.join("\n")}`, shown);
    }
  }
  await peer.close();
}

/** With its end; now and then longer than is read. */
function makeLine(random: Random, at: number): Buffer {
  const end = random.pick(["\n", "\n", "\n", "\r\n"]);
  const lines = Array.from({ length: random.chance(0.1) ? 3 : 1 }, (_, n) => {
    // An end of a line within would make two of it.
    const text = makeFrameText(random, at * 10 + n).replaceAll("\n", " ");
    return Buffer.concat([damage(text, random).map((byte) => (byte === 0x0a ? 0x20 : byte)), Buffer.from(end)]);
  });
  return Buffer.concat(lines);
}

function* cut(bytes: Buffer, random: Random): Generator<Buffer> {
  if (random.chance(0.7)) return yield bytes;
  for (let start = 0; start < bytes.length; ) {
    const length = 1 + random.below(Math.max(8, bytes.length / 3));
    yield bytes.subarray(start, start + length);
    start += length;
  }
}

function kindOf(expected: Expected): string {
  return expected.kind === "error" ? `error ${expected.code}` : expected.kind;
}
