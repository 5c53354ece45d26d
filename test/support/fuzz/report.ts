/** What a run of a fuzzer found. */
export type FuzzReport = {
  readonly cases: number;
  /** Each with what repeats it. */
  readonly wrong: readonly string[];
  /** How often each kind of answer came, so that a run that tried nothing is seen. */
  readonly answers: Readonly<Record<string, number>>;
  readonly slowestMs: readonly { readonly ms: number; readonly what: string }[];
  /** Heap in use after each round, in MB. */
  readonly heapMb: readonly number[];
};

const mostWrong = 20;
const mostSlow = 5;
const longestShown = 600;

/** Gathers what the rounds of a run find. A round has a world of its own, so its seed alone repeats it. */
export class Findings {
  readonly #repeat: string;
  readonly #wrong: string[] = [];
  readonly #answers: Record<string, number> = {};
  readonly #heapMb: number[] = [];
  #slowest: { ms: number; what: string }[] = [];
  #cases = 0;

  /** `repeat` says how a round is played again, such as `npm run fuzz -- rest`. */
  constructor(repeat: string) {
    this.#repeat = repeat;
  }

  get cases(): number {
    return this.#cases;
  }

  /** Whether so much is wrong that no more of it helps anybody. */
  get isEnough(): boolean {
    return this.#wrong.length >= mostWrong;
  }

  count(kind: string): void {
    this.#answers[kind] = (this.#answers[kind] ?? 0) + 1;
  }

  /** One case is over; `what` says what it was. */
  timed(ms: number, what: string): void {
    this.#cases += 1;
    if (ms <= (this.#slowest[mostSlow - 1]?.ms ?? 0)) return;
    this.#slowest = [...this.#slowest, { ms: Math.round(ms), what: what.slice(0, longestShown) }]
      .toSorted((a, b) => b.ms - a.ms)
      .slice(0, mostSlow);
  }

  wrong(what: string, at: { readonly seed: number; readonly cases: number; readonly sent: string }): void {
    const { seed, cases, sent } = at;
    this.#wrong.push(
      `${what.slice(0, 2 * longestShown)}\n  sent: ${sent.slice(0, 2 * longestShown)}\n  again: ${this.#repeat} --seed ${seed} --count ${cases}`,
    );
  }

  /** A round is over and its world is gone. */
  endRound(): void {
    globalThis.gc?.();
    this.#heapMb.push(Math.round(process.memoryUsage().heapUsed / 2 ** 20));
  }

  get report(): FuzzReport {
    const answers = Object.fromEntries(Object.entries(this.#answers).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    return { cases: this.#cases, wrong: this.#wrong, answers, slowestMs: this.#slowest, heapMb: this.#heapMb };
  }
}

export type Rounds = { readonly count: number; readonly seed: number };

/** Plays `count` cases in rounds of `perRound`; the round r has the seed `seed + r`. */
export async function playRounds(
  { count, seed }: Rounds,
  perRound: number,
  findings: Findings,
  play: (seed: number, cases: number) => Promise<void>,
): Promise<FuzzReport> {
  for (let round = 0; round * perRound < count && !findings.isEnough; round++) {
    await play(seed + round, Math.min(perRound, count - round * perRound));
    findings.endRound();
  }
  return findings.report;
}
