import type { ApprovalRequest, FormAnswer, StartSummary } from "../../../src/campaigns/approve/approval.ts";
import { Problem } from "../../../src/domain/problem.ts";
import type { StartPolicy } from "../../../src/domain/start-policy.ts";
import { Rings } from "../carriers/rings.ts";
import { Pace } from "../dialing/pace.ts";
import { HostedApi } from "../http/hosted-api.ts";
import { Random } from "../random.ts";
import { TestClock } from "../test-clock.ts";
import { startWorld, type World } from "../world.ts";
import { HostileAgent } from "./hostile-agent.ts";

const callsASequence = 20;
/** Sequences that share a world: what one was shown, the next ones can echo. */
const sequencesAWorld = 50;

/** How a person behaves who is asked. */
export type Person = {
  answerForm(summary: StartSummary): FormAnswer;
  /** The number they type on a page that was opened for them, if any. */
  answerPage(request: ApprovalRequest): number | undefined;
};

export type Stage = {
  readonly world: World;
  readonly hosted: HostedApi;
  readonly rings: Rings;
  readonly random: Random;
};

export type Scene = {
  readonly policy?: Partial<StartPolicy>;
  person(stage: Stage): Person;
  /** What the operator does before a call. */
  operate?(stage: Stage): void;
  /** What is wrong with all that happened, in words. */
  judge(stage: Stage): readonly string[];
};

export type AdversaryReport = {
  readonly sequences: number;
  readonly calls: number;
  /** Calls that were not refused. */
  readonly answered: number;
  readonly forms: number;
  readonly pages: number;
  /** Lists whose phones began to ring. */
  readonly rings: number;
  /** Requests that reached the API and could have made a phone ring. */
  readonly startsSent: number;
  readonly wrong: readonly string[];
};

/** Plays so many sequences of 20 tool calls each, always the same for the same seed. */
export async function playAdversary(scene: Scene, sequences: number, seed: number): Promise<AdversaryReport> {
  const reports: AdversaryReport[] = [];
  for (let first = 0; first < sequences; first += sequencesAWorld) {
    const play = await Play.begin(scene, seed + first);
    try {
      await play.run(Math.min(sequencesAWorld, sequences - first));
      reports.push(play.report());
    } finally {
      await play.end();
    }
  }
  const sum = (pick: (report: AdversaryReport) => number): number =>
    reports.reduce((total, report) => total + pick(report), 0);
  return {
    sequences: sum((report) => report.sequences),
    calls: sum((report) => report.calls),
    answered: sum((report) => report.answered),
    forms: sum((report) => report.forms),
    pages: sum((report) => report.pages),
    rings: sum((report) => report.rings),
    startsSent: sum((report) => report.startsSent),
    wrong: reports.flatMap((report) => report.wrong),
  };
}

/** One agent and two copies of the server before one account. */
class Play {
  readonly #scene: Scene;
  readonly #seed: number;
  readonly #random: Random;
  readonly #clock = new TestClock("2026-03-02T15:00:00Z");
  readonly #pace = new Pace(this.#clock);
  readonly #agent: HostileAgent;
  readonly #counts = { sequences: 0, calls: 0, answered: 0, forms: 0 };
  #stage: Stage | undefined;
  #servers: readonly World[] = [];
  #person: Person | undefined;
  #pagesAnswered = 0;

  private constructor(scene: Scene, seed: number) {
    this.#scene = scene;
    this.#seed = seed;
    this.#random = new Random(seed);
    this.#agent = new HostileAgent(this.#random);
  }

  static async begin(scene: Scene, seed: number): Promise<Play> {
    const play = new Play(scene, seed);
    await play.#open();
    return play;
  }

  async run(sequences: number): Promise<void> {
    for (let sequence = 0; sequence < sequences; sequence++) {
      for (let n = 0; n < callsASequence; n++) await this.#step();
      await this.#pace.pass({ minutes: 16 });
      this.#counts.sequences++;
    }
  }

  report(): AdversaryReport {
    const { world, hosted, rings } = this.#parts;
    const wrong = this.#scene.judge(this.#parts).map((words) => `seed ${this.#seed}: ${words}`);
    const startsSent = hosted.dangerous.length;
    return { ...this.#counts, pages: world.pages.length, rings: rings.all.length, startsSent, wrong };
  }

  async end(): Promise<void> {
    await this.#parts.world.stop();
    await this.#parts.hosted.stop();
  }

  async #open(): Promise<void> {
    const hosted = await HostedApi.start();
    const rings = new Rings(hosted, this.#clock);
    const { policy } = this.#scene;
    const world = await startWorld({
      clock: this.#clock,
      upstream: () => hosted.url,
      watchApi: (api) => this.#pace.watch(api),
      ...(policy && { policy }),
      context: { askPerson: async (summary) => this.#answerForm(summary) },
    });
    this.#servers = [world, world.another()];
    // No power fails here, and waiting for the disk would be most of the time.
    for (const { database } of this.#servers) database.exec("PRAGMA synchronous = OFF");
    this.#stage = { world, hosted, rings, random: this.#random };
    this.#person = this.#scene.person(this.#stage);
  }

  get #parts(): Stage {
    if (!this.#stage) throw new Error("The play has not begun");
    return this.#stage;
  }

  async #step(): Promise<void> {
    this.#scene.operate?.(this.#parts);
    const { tool, args } = this.#agent.nextCall(this.#clock.now());
    // Both copies of the server at once, now and then.
    const copies = this.#random.chance(0.1) ? this.#servers : [this.#random.pickAny(this.#servers)];
    await Promise.all(copies.map((server) => server && this.#call(server, tool, args)));
    this.#answerPages();
    if (this.#random.chance(0.3)) await this.#pace.pass({ seconds: this.#random.below(900) });
    if (this.#random.chance(0.02)) await this.#pace.pass({ minutes: 60 * this.#random.below(30) });
  }

  async #call(server: World, tool: string, args: object): Promise<void> {
    this.#counts.calls++;
    try {
      this.#agent.hear(await this.#pace.until(server.tool(tool, args)));
      this.#counts.answered++;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.#agent.hear({ message: error.message, issues: error.issues });
    }
  }

  #answerForm(summary: StartSummary): FormAnswer {
    this.#counts.forms++;
    return this.#person?.answerForm(summary) ?? { kind: "unsupported" };
  }

  #answerPages(): void {
    const { pages, approvals } = this.#parts.world;
    for (const page of pages.slice(this.#pagesAnswered)) {
      const typed = this.#person?.answerPage(page);
      if (typed !== undefined)
        approvals.approve(page.id, typed, { principal: "o", channel: "page" }, this.#clock.now());
    }
    this.#pagesAnswered = pages.length;
  }
}
