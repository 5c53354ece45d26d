import assert from "node:assert/strict";
import type { FormAnswer, StartSummary } from "../../../src/campaigns/approve/approval.ts";
import type { BatchEdit } from "../../../src/client/api.ts";
import { isGroupId } from "../../../src/domain/batch/group.ts";
import type { CallingRules } from "../../../src/domain/batch/plan.ts";
import { Problem } from "../../../src/domain/problem.ts";
import { allowedAttempts } from "../../../src/domain/retry-rules.ts";
import type { StoredBatch, StoredTask } from "../../../src/service/store/records.ts";
import { numberOf } from "../dialing/dialing-world.ts";
import { Random } from "../random.ts";
import { type Content, Judge } from "./judge.ts";
import { ModelWorld } from "./model-world.ts";

const org = "org_1";
const agents = ["agent_5d0c1f6e-2b7a-4c55-9f0e-6a1d3b8e4c21", "agent_c3a9e7d4-8f16-4b0d-a2c8-1e5f7b9d6034"] as const;
const people = 6;
const minuteMs = 60_000;
const stepsOfASequence = 25;
const mostBatches = 3;
/** Beyond this many rows a list becomes linked batches. */
const rowsOfAPart = 1000;

/** What was shown of each batch that one question is about. */
type Shown = ReadonlyMap<string, Content>;

/** One sequence of tool calls, edits by REST, time, clock faults, lies of the carrier and kills, drawn from a seed. */
class Play {
  readonly #random: Random;
  readonly #world: ModelWorld;
  readonly #judge: Judge;
  /** Parts of a group too. */
  readonly #batches: string[] = [];
  #group: string | undefined;
  /** What was shown with each question of a page. */
  readonly #shown = new Map<string, Shown>();
  /** Questions that were agreed to on a page, and no start has used yet. */
  readonly #unused = new Set<string>();
  /** What the last form showed; taken by the step that it belongs to. */
  #agreedTo: Shown | undefined;
  #lists = 0;
  /** The latest time on a clock that was set back since. */
  #ranUntilMs = 0;
  /** The batch that the last step was about. */
  #last: string | undefined;

  private constructor(random: Random, world: ModelWorld) {
    this.#random = random;
    this.#world = world;
    this.#judge = new Judge(world);
  }

  /** Throws, with the steps in its message, when a phone rang that nobody had agreed to, twice, or too soon. */
  static async run(random: Random, steps: number): Promise<void> {
    const world = await ModelWorld.start();
    const play = new Play(random, world);
    const done: string[] = [];
    try {
      for (let n = 0; n < steps; n += 1) done.push(await play.#step());
      done.push("end");
      await play.#end();
    } catch (error) {
      throw new Error(`${String(error)}\nafter: ${done.join(", ")}`, { cause: error });
    } finally {
      await world.stop();
    }
  }

  async #step(): Promise<string> {
    const random = this.#random;
    const steps: readonly (readonly [weight: number, name: string, run: () => Promise<void>])[] = [
      [this.#batches.length < mostBatches ? 6 : 0, "create", () => this.#create()],
      [this.#group === undefined ? 1 : 0, "create group", () => this.#createGroup()],
      ...this.#groupSteps(),
      [4, "start", () => this.#start()],
      [3, "resume", () => this.#resume()],
      [3, "pause", () => this.#pause()],
      [2, "edit", () => this.#edit()],
      [2, "answer a page", () => this.#answerPage()],
      [2, "REST edit", () => this.#restEdit()],
      [1, "REST replace", () => this.#restReplace()],
      [2, "change list", () => this.#changeList()],
      [2, "change rules", () => this.#changeRules()],
      [2, "REST list", () => this.#restList()],
      [1, "REST rules", () => this.#restRules()],
      [1, "REST start", () => this.#restStart()],
      [1, "REST resume", () => this.#restResume()],
      [1, "cancel", () => this.#cancel()],
      [1, "stop", () => this.#stop()],
      [1, "release", () => this.#release()],
      [1, "do not call", () => this.#doNotCall()],
      [
        9,
        "time",
        () => this.#pass(random.pick([3, 5, 65, 5 * 60, 9 * 60, 14 * 60, 16 * 60, 31 * 60, 3 * 3600, 25 * 3600])),
      ],
      [1, "clock", () => this.#setClock(random.pick([-1800, -300, 300, 1800, 10_800]))],
      [1, "kill", () => this.#kill(random.pick([1, 60, 20 * 60, 3 * 3600, 3 * 24 * 3600]))],
      [2, "lies", () => this.#lie()],
    ];
    let left = random.next() * steps.reduce((sum, [weight]) => sum + weight, 0);
    const drawn = steps.find(([weight]) => {
      left -= weight;
      return left < 0;
    });
    if (!drawn) throw new Error("unreachable: weights were summed");
    const [, name, run] = drawn;
    this.#judge.begin();
    await run();
    await this.#judge.end();
    return name;
  }

  #groupSteps(): readonly (readonly [weight: number, name: string, run: () => Promise<void>])[] {
    const group = this.#group;
    if (group === undefined) return [];
    return [
      [4, "start group", () => this.#startGroup(group)],
      [3, "resume group", () => this.#resumeGroup(group)],
      [3, "pause group", () => this.#pauseGroup(group)],
      [1, "edit group", () => this.#editGroup(group)],
      [2, "change group list", () => this.#changeGroupList(group)],
      [0.5, "cancel group", () => this.#cancelGroup(group)],
    ];
  }

  /** Everything that may go on does, and nobody is left half called. */
  async #end(): Promise<void> {
    this.#judge.begin();
    await this.#release();
    await this.#judge.end();
    for (const id of this.#batches) {
      this.#judge.begin();
      await this.#restResumeOf(id);
      await this.#judge.end();
    }
    await this.#pass(5 * 24 * 3600);
    await this.#judge.nobodyIsLeft(this.#batches);
  }

  /** Mostly the one of the step before: what goes wrong needs several steps on one batch. */
  #pickBatch(): string | undefined {
    const isSame = this.#last !== undefined && this.#random.chance(0.7);
    this.#last = isSame ? this.#last : this.#random.pickAny(this.#batches);
    return this.#last;
  }

  async #create(): Promise<void> {
    const { campaigns } = this.#world;
    const start = this.#random.pick(["draft", "now", "at"] as const);
    const plan = this.#plan(start);
    const before = this.#batches.length;
    // Safe: the plan is as the tool makes it, with numbers that exist.
    const created = await this.#attempt(() =>
      campaigns.create(plan as never, { allowDuplicate: true, by: this.#by(this.#nextAnswer()) }),
    );
    await this.#learnOfBatches();
    const id = this.#batches[before];
    this.#last = id ?? this.#last;
    if (id !== undefined) this.#steer(id, plan);
    if (id !== undefined && start !== "draft") await this.#afterStart(id, created === "done");
  }

  #steer(id: string, { rules: { canary, stopWhen } }: { readonly rules: CallingRules }): void {
    this.#judge.steer(id, {
      ...(canary && { canary: canary.count }),
      ...(stopWhen?.calls !== undefined && { calls: stopWhen.calls }),
    });
  }

  /** One person in the first part, and one or two in the second; all between them are not to be called. */
  async #createGroup(): Promise<void> {
    const { campaigns } = this.#world;
    const start = this.#random.pick(["draft", "now", "at"] as const);
    const people = this.#plan(start, 2 + this.#random.below(2));
    const recipients = people.recipients.map((person, n) => (n === 0 ? person : { ...person, row: rowsOfAPart + n }));
    const suppressed = Array.from({ length: rowsOfAPart - 1 }, (_, n) => ({
      toNumber: `nobody ${n}`,
      row: n + 2,
      variables: {},
    }));
    // Safe: as the tool makes it, but that those who are not called have no numbers, which nobody looks at.
    const plan = { ...people, recipients, suppressed } as never;
    const before = this.#batches.length;
    await this.#world.beginGroup(plan, "local");
    const by = this.#by(this.#nextAnswer());
    const created = await this.#attempt(() => campaigns.create(plan, { allowDuplicate: true, by }));
    await this.#learnOfBatches();
    const parts = this.#batches.slice(before);
    this.#group = await campaigns.groupOf(parts[0] ?? "");
    assert.ok(this.#group !== undefined && parts.length === 2, "a long list became no group");
    this.#judge.link(this.#group, parts);
    this.#steer(this.#group, people);
    if (start !== "draft") await this.#afterStart(this.#group, created === "done");
  }

  #plan(start: "draft" | "now" | "at", count = 1 + this.#random.below(3)) {
    const random = this.#random;
    this.#lists += 1;
    const first = random.below(people);
    const recipients = Array.from({ length: count }, (_, n) => {
      const toNumber = numberOf(1 + ((first + n) % people));
      this.#world.carrier.script(
        toNumber,
        ...Array.from({ length: 6 }, () => random.pick(["answered", "no_answer", "busy", "voicemail"] as const)),
      );
      return {
        toNumber,
        // Somebody else's own number, in other lists.
        ...(random.chance(0.4) && { fallbackNumber: numberOf(1 + ((first + n + 3) % people)) }),
        country: "US",
        type: "fixed_line_or_mobile",
        variables: { first_name: `P${first + n}`, list: `${this.#lists}` },
        row: n + 1,
      };
    });
    const minutes = random.pick([1, 20, 45]);
    const conditions = ["no_answer", "busy", "voicemail", "failed"] as const;
    return {
      name: `List ${this.#lists}`,
      agentId: random.pick(agents),
      fromNumber: "+14155550100",
      timezone: "America/New_York",
      recipients,
      rules: {
        retryConfig: { enabled: true, maxAttempts: 1 + random.below(3) },
        retryRules: conditions.map((condition) => ({
          condition,
          enabled: true,
          timing: { kind: "after", minutes } as const,
        })),
        ...(random.chance(0.25) && {
          canary: { count: 1 + random.below(2), pauseIf: [], afterwards: "pause" as const },
        }),
        ...(random.chance(0.25) && { stopWhen: { calls: 1 + random.below(6) } }),
      },
      start: start === "at" ? { kind: "at", at: this.#in(30) } : { kind: start },
    };
  }

  async #start(): Promise<void> {
    const id = this.#pickBatch();
    if (!id) return;
    const isTimed = this.#random.chance(0.4);
    const start = isTimed ? ({ kind: "at", at: this.#in(20) } as const) : ({ kind: "now" } as const);
    const by = this.#by(this.#nextAnswer());
    const done = await this.#attempt(() => this.#world.campaigns.start(id, start, by, {}));
    await this.#afterStart(id, done === "done");
  }

  async #startGroup(group: string): Promise<void> {
    const isTimed = this.#random.chance(0.4);
    const start = isTimed ? ({ kind: "at", at: this.#in(20) } as const) : ({ kind: "now" } as const);
    const by = this.#by(this.#nextAnswer());
    const done = await this.#attempt(() => this.#world.campaigns.start(group, start, by, {}));
    await this.#afterStart(group, done === "done");
  }

  async #resume(): Promise<void> {
    const id = this.#pickBatch();
    if (!id) return;
    const redialUnknown = this.#random.chance(0.3);
    const by = this.#by(this.#nextAnswer());
    const done = await this.#attempt(() => this.#world.campaigns.resume(id, { redialUnknown }, by));
    if (done === "done" && !this.#agreedTo) return this.#judge.resumedUnasked(id);
    await this.#afterStart(id, done === "done");
  }

  async #resumeGroup(group: string): Promise<void> {
    const before = await this.#partsOf(group);
    const redialUnknown = this.#random.chance(0.3);
    const by = this.#by(this.#nextAnswer());
    const done = await this.#attempt(() => this.#world.campaigns.resume(group, { redialUnknown }, by));
    if (this.#agreedTo || done !== "done") return this.#afterStart(group, done === "done");
    const goingOn = new Set((await this.#partsOf(group)).filter(({ isPaused }) => !isPaused).map(({ id }) => id));
    for (const { id, isPaused } of before) if (isPaused && goingOn.has(id)) this.#judge.resumedUnasked(id);
  }

  /**
   * A start that was asked about and happened: that is what may ring from here on. It can have been asked about on a page before, and
   * answered while something forbade the start. Of a group some parts may start where others cannot.
   */
  async #afterStart(id: string, isDone: boolean): Promise<void> {
    const shown = this.#agreedTo ?? this.#answeredOnPage(id);
    this.#agreedTo = undefined;
    for (const [batchId, content] of shown ?? []) {
      if (isDone || (isGroupId(id) && (await this.#goesOn(batchId)))) this.#judge.agree(batchId, content, "person");
    }
  }

  async #goesOn(id: string): Promise<boolean> {
    const { status, isPaused, heldReason } = await this.#stored(id);
    return status !== "draft" && status !== "cancelled" && !isPaused && heldReason === undefined;
  }

  /** What the page of a question showed whose answer was used since the last look. */
  #answeredOnPage(id: string): Shown | undefined {
    const { pages, approvals, clock } = this.#world;
    const used = pages.filter(
      (request) => this.#unused.has(request.id) && approvals.get(request.id, clock.now())?.state === "used",
    );
    for (const request of used) this.#unused.delete(request.id);
    const request = used.find(({ summary }) => summary.batchId === id);
    return request && this.#shown.get(request.id);
  }

  async #pause(): Promise<void> {
    const id = this.#pickBatch();
    if (!id) return;
    const { api, campaigns } = this.#world;
    const byTool = this.#random.chance(0.7);
    const before = await this.#stored(id);
    const done = await this.#attempt(() => (byTool ? campaigns.pause(id, this.#by()) : api.pauseBatch(id)));
    if (done === "done" && !before.isPaused) this.#judge.pause(id, byTool ? "tool" : "other");
  }

  async #pauseGroup(group: string): Promise<void> {
    const before = await this.#partsOf(group);
    const done = await this.#attempt(() => this.#world.campaigns.pause(group, this.#by()));
    const paused = new Set((await this.#partsOf(group)).filter(({ isPaused }) => isPaused).map(({ id }) => id));
    for (const { id, isPaused } of before)
      if (!isPaused && (done === "done" || paused.has(id))) this.#judge.pause(id, "tool");
  }

  async #editGroup(group: string): Promise<void> {
    const change = this.#change();
    const isNameOnly = Object.keys(change).join() === "name";
    const edit: BatchEdit = isNameOnly ? change : { ...change, status: "draft" };
    await this.#attempt(() => this.#world.campaigns.edit(group, edit, this.#by()));
    for (const { id, status } of await this.#partsOf(group)) if (status === "draft") this.#judge.revoke(id);
  }

  async #cancelGroup(group: string): Promise<void> {
    const done = await this.#attempt(() => this.#world.campaigns.cancel(group, this.#by()));
    for (const { id, status } of await this.#partsOf(group)) {
      if (done === "done" || status === "cancelled") this.#judge.revoke(id);
    }
    await this.#forgetDeleted();
  }

  async #edit(): Promise<void> {
    const id = this.#pickBatch();
    if (!id) return;
    const change = this.#change();
    const isNameOnly = Object.keys(change).join() === "name";
    const done = await this.#attempt(() =>
      this.#world.campaigns.edit(id, isNameOnly ? change : { ...change, status: "draft" }, this.#by()),
    );
    if (done === "done" && !isNameOnly) this.#judge.revoke(id);
  }

  #change(): BatchEdit {
    return this.#random.pick<BatchEdit>([
      { name: "Another name" },
      { agentId: this.#random.pick(agents) },
      { timezone: "America/Chicago" },
      { scheduledAt: this.#in(25) },
    ]);
  }

  /**
   * What whoever holds the key of the account does is agreed to by the account, unless a person had agreed. What somebody paused, or
   * was held, goes back to draft.
   */
  async #restEdit(): Promise<void> {
    const id = this.#pickBatch();
    if (!id) return;
    const change = this.#change();
    const before = await this.#stored(id);
    const done = await this.#attempt(() => this.#world.api.editBatch(id, change));
    if (done !== "done" || Object.keys(change).join() === "name") return;
    const isOwn = before.status === "scheduled" && !before.isPaused && this.#judge.isAgreedByAccount(id);
    if (isOwn) this.#judge.agree(id, await this.#content(id), "account");
    else this.#judge.revoke(id);
  }

  async #restReplace(): Promise<void> {
    const id = this.#pickBatch();
    if (!id) return;
    const { name, fromNumber: from_number, agentId: agent_id, timezone } = await this.#stored(id);
    // Often the same people, who are to hear something else, or to be called more often.
    const numbers = this.#random.chance(0.7)
      ? [...(await this.#content(id)).words.keys()]
      : this.#plan("draft").recipients.map(({ toNumber }) => toNumber);
    const words = this.#random.chance(0.5) ? "other words" : "the same words";
    const tasks = numbers.map((to_number) => ({
      to_number,
      ...(numbers.length === 1 && { fallback_number: numberOf(people + 1) }),
      dynamic_variables: { first_name: words },
      max_retries: this.#random.below(3),
    }));
    const body = { name, from_number, agent_id, timezone, status: "draft", tasks };
    if ((await this.#world.request("PUT", `/batch-call/${id}`, body)) === 200) this.#judge.replace(id);
  }

  /** By the tool: nobody agrees to anything by that. */
  async #changeList(): Promise<void> {
    const id = this.#pickBatch();
    if (id) await this.#giveList(id, [id]);
  }

  /** Who stays, stays in their part; who is new comes into either. */
  async #changeGroupList(group: string): Promise<void> {
    const parts = (await this.#partsOf(group)).map(({ id }) => id);
    await this.#giveList(group, parts);
    await this.#forgetDeleted();
  }

  async #giveList(id: string, batchIds: readonly string[]): Promise<void> {
    const listed = await Promise.all(batchIds.map((batchId) => this.#listedOn(batchId)));
    const people = listed.flat().map(({ toNumber, variables, fallbackNumber }, n) => ({
      row: n + 1,
      toNumber,
      ...(fallbackNumber !== undefined && this.#random.chance(0.9) && { fallbackNumber }),
      country: "US",
      type: "fixed_line_or_mobile",
      variables,
    }));
    const isFewer = this.#random.chance(0.5);
    const recipients = isFewer ? people.slice(1) : [...people.slice(this.#random.below(2)), ...this.#others(people)];
    if (recipients.length === 0) return;
    // Safe: the list is as the tool makes it, with numbers that exist.
    await this.#changeContent(batchIds, "tool", () =>
      this.#world.campaigns.changeContent(id, { recipients: recipients as never }, this.#by()),
    );
  }

  /** People who are not on that list, or, at times, one who is and is to hear something else. */
  #others(people: readonly { readonly toNumber: string }[]) {
    const listed = new Set(people.map(({ toNumber }) => toNumber));
    return this.#plan("draft").recipients.filter(({ toNumber }) => !listed.has(toNumber) || this.#random.chance(0.1));
  }

  async #changeRules(): Promise<void> {
    const id = this.#pickBatch();
    const rules = { retryConfig: { enabled: true, maxAttempts: 1 + this.#random.below(3) } };
    if (!id) return;
    await this.#changeContent([id], "tool", () => this.#world.campaigns.changeContent(id, { rules }, this.#by()));
  }

  async #restList(): Promise<void> {
    const id = this.#pickBatch();
    if (!id) return;
    const listed = (await this.#listedOn(id)).map(({ toNumber }) => toNumber);
    const picked = this.#random.pickAny(listed) ?? numberOf(1);
    const tasks = [{ to_number: numberOf(1 + this.#random.below(people)), dynamic_variables: { first_name: "new" } }];
    const [method, path, body] = this.#random.pick<readonly [method: string, path: string, body: object]>([
      ["POST", "tasks/remove", { to_numbers: [picked] }],
      ["POST", "tasks", { tasks }],
      ["PUT", "tasks", { tasks }],
    ]);
    await this.#changeContent([id], "account", async () => {
      const status = await this.#world.request(method, `/batch-call/${id}/${path}`, body);
      if (status !== 200) throw new Problem("wrong_state", `It answered ${status}.`);
    });
  }

  async #restRules(): Promise<void> {
    const id = this.#pickBatch();
    const rules = { retryConfig: { enabled: true, maxAttempts: 1 + this.#random.below(3) } };
    if (id) await this.#changeContent([id], "account", () => this.#world.api.editBatch(id, { rules }));
  }

  /**
   * A change of list or rules. Fewer people are what was agreed to of them; anything else is agreed to by the account where it had
   * agreed before and changes it itself, and by nobody otherwise. Of a group some parts may change where others cannot.
   */
  async #changeContent(ids: readonly string[], by: "tool" | "account", work: () => Promise<unknown>): Promise<void> {
    const before = await Promise.all(ids.map(async (id) => [await this.#stored(id), await this.#content(id)] as const));
    if ((await this.#attempt(work)) !== "done" && ids.length === 1) return;
    for (const [batch, content] of before) await this.#afterChange(batch, content, by);
  }

  async #afterChange(before: StoredBatch, content: Content, by: "tool" | "account"): Promise<void> {
    const { id } = before;
    const after = await this.#world.store.getBatch(org, id);
    if (!after) return this.#judge.revoke(id);
    const now = await this.#content(id);
    const gone = [...content.words.keys()].filter((number) => !now.words.has(number));
    if (!isWider(before, after, content, now)) return this.#judge.narrow(id, gone);
    const isOwn = by === "account" && !before.isPaused && this.#judge.isAgreedByAccount(id);
    if (isOwn) this.#judge.agree(id, await this.#content(id), "account");
    else this.#judge.revoke(id);
  }

  async #restStart(): Promise<void> {
    const id = this.#pickBatch();
    if (!id) return;
    const { api } = this.#world;
    const done = await this.#attempt(() =>
      this.#random.chance(0.5)
        ? api.executeBatch(id)
        : api.editBatch(id, { status: "scheduled", scheduledAt: this.#in(20) }),
    );
    if (done === "done") this.#judge.agree(id, await this.#content(id), "account");
  }

  async #restResume(): Promise<void> {
    const id = this.#pickBatch();
    if (id) await this.#restResumeOf(id);
  }

  async #restResumeOf(id: string): Promise<void> {
    const before = await this.#stored(id);
    const done = await this.#attempt(() => this.#world.api.resumeBatch(id, { redialUnknown: false }));
    if (done === "done" && before.isPaused) this.#judge.agree(id, await this.#content(id), "account");
  }

  async #answerPage(): Promise<void> {
    const { pages, approvals, campaigns, clock } = this.#world;
    const request = this.#random.chance(0.7) ? pages.at(-1) : this.#random.pickAny(pages);
    if (!request) return;
    const by = { principal: "somebody", channel: "page" } as const;
    if (this.#random.chance(0.2)) return void approvals.decline(request.id, by, clock.now());
    const result = approvals.approve(request.id, request.summary.recipients, by, clock.now());
    if (result !== "approved") return;
    this.#unused.add(request.id);
    await this.#attempt(() => campaigns.proceed(request));
    for (const [batchId, content] of this.#answeredOnPage(request.summary.batchId) ?? [])
      this.#judge.agree(batchId, content, "person");
  }

  async #cancel(): Promise<void> {
    const id = this.#pickBatch();
    if (!id) return;
    if ((await this.#attempt(() => this.#world.api.cancelBatch(id))) === "done") this.#judge.revoke(id);
  }

  /** At the service, in this data directory, or in both as the command does. */
  async #stop(): Promise<void> {
    const { api, killSwitch, clock } = this.#world;
    const where = this.#random.pick(["here", "service", "both"] as const);
    if (where !== "service") killSwitch.set(true, "operator", clock.now());
    if (where !== "here") await this.#attempt(() => api.setStop(true));
    this.#judge.stop(where);
    if (this.#random.chance(0.5)) await this.#release();
  }

  async #release(): Promise<void> {
    const { api, killSwitch, clock } = this.#world;
    killSwitch.set(false, "operator", clock.now());
    await this.#attempt(() => api.setStop(false));
    this.#judge.release();
  }

  async #doNotCall(): Promise<void> {
    const number = numberOf(1 + this.#random.below(people));
    await this.#attempt(() => this.#world.api.addDoNotCall([{ phoneNumber: number, reason: "asked" }]));
    this.#judge.neverCall(number);
  }

  async #pass(seconds: number): Promise<void> {
    // In parts, so that the judge knows of what was held in between.
    for (let left = seconds; left > 0; left -= 6 * 3600) {
      await this.#world.clock.advance({ seconds: Math.min(left, 6 * 3600) });
      await this.#judge.look();
    }
  }

  async #setClock(seconds: number): Promise<void> {
    const since = this.#world.clock.now();
    if (seconds < 0) this.#ranUntilMs = Math.max(this.#ranUntilMs, since.getTime());
    await this.#world.clock.step(seconds);
    this.#judge.clockWasSet();
    if (seconds > 15 * 60) await this.#judge.missedSince(since, this.#batches);
    await this.#world.wake();
  }

  async #kill(downSeconds: number): Promise<void> {
    const { clock } = this.#world;
    this.#world.killDialer();
    const killedAtMs = clock.now().getTime();
    await clock.advance({ seconds: downSeconds });
    // Of what was written before the clock was set back nobody can tell how long ago it was.
    const since = new Date(Math.min(clock.now().getTime(), Math.max(killedAtMs, this.#ranUntilMs)));
    if (downSeconds > 15 * 60) await this.#judge.missedSince(since, this.#batches);
    await this.#world.startDialer();
  }

  async #lie(): Promise<void> {
    const { carrier, clock } = this.#world;
    const random = this.#random;
    switch (random.below(6)) {
      case 0:
        carrier.clockAheadMs = random.pick([0, -3, -0.1, 0.5, 300]) * 3_600_000;
        break;
      case 1:
        carrier.faults.push(random.pick(["refused", "lost_answer", "lost_for_good"]));
        break;
      case 2:
        carrier.endFaults.push(random.pick(["late", "twice"]));
        break;
      case 3:
        carrier.tellEnd(random.pickAny(carrier.rings)?.token ?? "");
        break;
      case 4:
        carrier.callMs = random.pick([5, 30, 600]) * 1000;
        break;
      default:
        carrier.acceptMs = random.pick([0, 0, 800]);
    }
    await clock.settle();
  }

  #in(minutes: number): Date {
    return new Date(this.#world.clock.now().getTime() + minutes * minuteMs);
  }

  #nextAnswer(): FormAnswer["kind"] {
    return this.#random.pick(["accepted", "accepted", "declined", "unsupported"] as const);
  }

  #by(answer: FormAnswer["kind"] = "declined") {
    return {
      principal: "local",
      askPerson: async ({ batchId, parts, recipients }: StartSummary): Promise<FormAnswer> => {
        const shown = new Map<string, Content>();
        for (const id of parts?.map((part) => part.batchId) ?? [batchId]) shown.set(id, await this.#content(id));
        if (answer === "unsupported") this.#world.onPage = (request) => this.#shown.set(request.id, shown);
        if (answer !== "accepted") return { kind: answer };
        this.#agreedTo = shown;
        return { kind: "accepted", typedRecipients: recipients };
      },
    };
  }

  /** What the service holds of a batch, which is what a person is shown. */
  async #content(id: string): Promise<Content> {
    const { agentId, fromNumber, rules } = await this.#stored(id);
    const rows = await this.#listedOn(id);
    const words = new Map(rows.map(({ toNumber, variables }) => [toNumber, JSON.stringify(variables)]));
    const fallbacks = new Map(
      rows.flatMap(({ toNumber, fallbackNumber }) =>
        fallbackNumber === undefined ? [] : [[toNumber, fallbackNumber] as const],
      ),
    );
    const maxAttempts = Math.max(1, ...rows.map(({ maxRetries }) => allowedAttempts(rules, maxRetries)));
    return { agentId, fromNumber, maxAttempts, words, fallbacks };
  }

  /** Those who were not taken out. */
  async #listedOn(id: string): Promise<readonly StoredTask[]> {
    const { rows } = await this.#world.store.listTasks(org, id, {}, { page: 0 });
    return rows.filter(({ reason }) => reason !== "removed");
  }

  async #stored(id: string): Promise<StoredBatch> {
    const batch = await this.#world.store.getBatch(org, id);
    assert.ok(batch, `no batch ${id}`);
    return batch;
  }

  /** Those that were not deleted. */
  async #partsOf(group: string): Promise<readonly StoredBatch[]> {
    const parts = (await this.#world.campaigns.partsOf(group)) ?? [];
    const stored = await Promise.all(parts.map(({ batchId = "" }) => this.#world.store.getBatch(org, batchId)));
    return stored.filter((part) => part !== undefined);
  }

  /** A draft in which nobody is left, or that is cancelled, is deleted. */
  async #forgetDeleted(): Promise<void> {
    for (const id of [...this.#batches]) {
      if (await this.#world.store.getBatch(org, id)) continue;
      this.#batches.splice(this.#batches.indexOf(id), 1);
      if (this.#last === id) this.#last = undefined;
      this.#judge.revoke(id);
    }
  }

  async #learnOfBatches(): Promise<void> {
    const { rows } = await this.#world.store.listBatches(
      org,
      {},
      { by: "created_at", order: "ascending" },
      { page: 0 },
    );
    for (const { id } of rows) if (!this.#batches.includes(id)) this.#batches.push(id);
  }

  /** A refusal is an answer like any other; a defect is not. */
  async #attempt(work: () => Promise<unknown>): Promise<"done" | "refused" | "unclear"> {
    try {
      await this.#world.whileTimePasses(work());
      return "done";
    } catch (error) {
      if (!(error instanceof Problem) || error.code === "internal") throw error;
      return error.code === "outcome_unknown" ? "unclear" : "refused";
    }
  }
}

/** Whether a change has more in it than that people were taken out. */
function isWider(before: StoredBatch, after: StoredBatch, agreed: Content, now: Content): boolean {
  const isOther = [...now.words].some(
    ([number, words]) =>
      agreed.words.get(number) !== words || agreed.fallbacks.get(number) !== now.fallbacks.get(number),
  );
  return isOther || JSON.stringify(after.rules) !== JSON.stringify(before.rules);
}

/** Plays so many sequences, one a seed. Throws for the first in which a phone rings that must not, with its seed. */
export async function playSequences(firstSeed: number, count: number): Promise<void> {
  for (let seed = firstSeed; seed < firstSeed + count; seed += 1) {
    await Play.run(new Random(seed), stepsOfASequence).catch((error: unknown) => {
      const replay = `npm run sequences -- --seed ${seed} --sequences 1`;
      throw new Error(`Seed ${seed}; replay it with: ${replay}\n${String(error)}`, { cause: error });
    });
  }
}
