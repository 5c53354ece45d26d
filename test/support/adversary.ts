import { Problem } from "../../src/domain/problem.ts";
import type { ApprovalRequest, FormAnswer, LaunchSummary } from "../../src/launch/approval.ts";
import type { LaunchPolicy } from "../../src/launch/policy.ts";
import { HostedApi } from "./hosted-api.ts";
import { HostileAgent } from "./hostile-agent.ts";
import { Pace } from "./pace.ts";
import { Random } from "./random.ts";
import { Rings } from "./rings.ts";
import { TestClock } from "./test-clock.ts";
import { startWorld, type World } from "./world.ts";

const callsASequence = 20;
/** Sequences that share a world: what one was shown, the next ones can echo. */
const sequencesAWorld = 50;

/** How a person behaves who is asked: what they answer to a form, and to a page that was opened for them. */
export type Person = {
  answerForm(summary: LaunchSummary): FormAnswer;
  /** The number they type on the page, if any. */
  answerPage(request: ApprovalRequest): number | undefined;
};

export type AdversaryWorld = {
  readonly world: World;
  readonly hosted: HostedApi;
  readonly rings: Rings;
  readonly random: Random;
};

export type Scene = {
  readonly policy?: Partial<LaunchPolicy>;
  person(scene: AdversaryWorld): Person;
  /** What the operator does before a call. */
  operate?(scene: AdversaryWorld): void;
  /** What is wrong with what happened since the last look, in words. Empty when nothing is. */
  judge(scene: AdversaryWorld): readonly string[];
};

export type AdversaryReport = {
  readonly sequences: number;
  readonly calls: number;
  /** Calls that were not refused. */
  readonly answered: number;
  readonly forms: number;
  readonly pages: number;
  readonly rings: number;
  /** Requests that reached the API and could have made a phone ring. */
  readonly startsSent: number;
  readonly wrong: readonly string[];
};

/** Plays so many sequences of 20 tool calls each, always the same for the same seed. */
export async function playAdversary(scene: Scene, sequences: number, seed: number): Promise<AdversaryReport> {
  let report: AdversaryReport = {
    sequences: 0,
    calls: 0,
    answered: 0,
    forms: 0,
    pages: 0,
    rings: 0,
    startsSent: 0,
    wrong: [],
  };
  for (let first = 0; first < sequences; first += sequencesAWorld) {
    const part = await playWorld(scene, Math.min(sequencesAWorld, sequences - first), seed + first);
    report = add(report, part);
  }
  return report;
}

async function playWorld(scene: Scene, sequences: number, seed: number): Promise<AdversaryReport> {
  const random = new Random(seed);
  const clock = new TestClock("2026-03-02T15:00:00Z");
  const hosted = await HostedApi.start();
  const rings = new Rings(hosted, clock);
  const pace = new Pace(clock);
  const counts = { calls: 0, answered: 0, forms: 0 };
  let person: Person | undefined;
  const world = await startWorld({
    clock,
    upstream: () => hosted.url,
    watchApi: (api) => pace.watch(api),
    ...(scene.policy && { policy: scene.policy }),
    context: {
      askPerson: async (summary) => {
        counts.forms++;
        return person?.answerForm(summary) ?? { kind: "unsupported" };
      },
    },
  });
  // No power fails here, and waiting for the disk would be most of the time.
  world.ledger.database.exec("PRAGMA synchronous = OFF");
  const parts = { world, hosted, rings, random };
  person = scene.person(parts);
  const agent = new HostileAgent(random);
  const other = world.another();
  let answeredPages = 0;

  const call = async (by: World, tool: string, args: object): Promise<void> => {
    counts.calls++;
    try {
      agent.hear(await pace.until(by.tool(tool, args)));
      counts.answered++;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      agent.hear({ message: error.message, issues: error.issues });
    }
  };

  const step = async (): Promise<void> => {
    scene.operate?.(parts);
    const { tool, args } = agent.nextCall(clock.now());
    // Two copies of the server at once, now and then.
    const copies = random.chance(0.1) ? [world, other] : [random.pick([world, other])];
    await Promise.all(copies.map((by) => call(by, tool, args)));
    for (const page of world.pages.slice(answeredPages)) {
      const typed = person?.answerPage(page);
      if (typed !== undefined) world.book.approve(page.id, typed, { principal: "o", channel: "page" }, clock.now());
    }
    answeredPages = world.pages.length;
    if (random.chance(0.3)) await pace.pass({ seconds: random.below(900) });
    if (random.chance(0.02)) await pace.pass({ minutes: 60 * random.below(30) });
  };

  const wrong: string[] = [];
  for (let sequence = 0; sequence < sequences; sequence++) {
    for (let n = 0; n < callsASequence; n++) await step();
    await pace.pass({ minutes: 16 });
    wrong.push(...scene.judge(parts).map((words) => `seed ${seed}, sequence ${sequence}: ${words}`));
  }
  const startsSent = hosted.dangerous.length;
  const pages = world.pages.length;
  await world.stop();
  await hosted.stop();
  return { sequences, ...counts, pages, rings: rings.all.length, startsSent, wrong };
}

function add(one: AdversaryReport, other: AdversaryReport): AdversaryReport {
  return {
    sequences: one.sequences + other.sequences,
    calls: one.calls + other.calls,
    answered: one.answered + other.answered,
    forms: one.forms + other.forms,
    pages: one.pages + other.pages,
    rings: one.rings + other.rings,
    startsSent: one.startsSent + other.startsSent,
    wrong: [...one.wrong, ...other.wrong],
  };
}
