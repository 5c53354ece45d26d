import type { Outcome } from "../../../src/domain/batch/batch.ts";
import type { Clock } from "../../../src/lib/clock.ts";

/** A phone that rang: what the stand-in's own ledger has of it. */
export type HostedRing = {
  readonly batchId: string;
  readonly toNumber: string;
  readonly fromNumber: string;
  readonly agentId: string;
  readonly variables: unknown;
  readonly at: Date;
};

type Batch = {
  readonly batch_call_id: string;
  readonly tasks: readonly { readonly to_number: string; readonly dynamic_variables?: unknown }[];
};
type Line = {
  readonly taskId: string;
  readonly toNumber: string;
  readonly outcome: Outcome;
  readonly callId?: string;
  startedAt?: Date;
  endedAt?: Date;
};

/** The phones behind the stand-in of the hosted API, told by documented fields alone. Its ledger of rings is the judge. */
export class HostedPhones {
  readonly rings: HostedRing[] = [];
  /** From the start of a batch to the first ring of its calls, and from there to their end. */
  queueMs = 0;
  /** The most calls in progress at a time: others wait in its queue, after `queueMs`. */
  lines = Number.POSITIVE_INFINITY;
  callMs = 30_000;
  /** Numbers whose calls it takes and does not place. */
  readonly never = new Set<string>();
  /** How long after the end of a call its analysis is there. */
  analysisMs = 0;
  /** What the agent's own analysis finds out, whoever picked up; by the number, where people say different things. */
  custom: object | undefined | ((toNumber: string) => object);
  /** The outcome of a call to a number without a script; undefined: they answer. */
  outcomeOf: (toNumber: string) => Outcome | undefined = () => undefined;
  /** What calls are told with instead of what they are. */
  callDistortion: object = {};
  readonly #clock: Clock;
  readonly #queue: (() => void)[] = [];
  readonly #stuck = new Map<string, () => void>();
  #busy = 0;
  readonly #lines = new Map<string, Line[]>();
  readonly #calls = new Map<string, Line & { readonly batch: HostedRing }>();
  readonly #scripts = new Map<string, Outcome[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Outcomes of the calls to a number, in order; the last one repeats. Without a script everybody answers. */
  script(toNumber: string, ...outcomes: Outcome[]): void {
    this.#scripts.set(toNumber, outcomes);
  }

  /** How the API writes numbers of people in what it answers. */
  form: (toNumber: string) => string = (toNumber) => toNumber;

  get rung(): readonly string[] {
    return this.rings.map(({ toNumber }) => toNumber);
  }

  /** Of each number that rang, how often. */
  get counts(): ReadonlyMap<string, number> {
    return new Map(this.rung.map((number) => [number, this.rung.filter((other) => other === number).length]));
  }

  /** The batch runs: its phones ring when their time comes. `onEnd` is told when all of its calls are over. */
  start(batch: Batch & { readonly from_number?: unknown; readonly agent_id?: unknown }, onEnd: () => void): void {
    const lines = batch.tasks.map(({ to_number: toNumber }, n) => {
      const script = this.#scripts.get(toNumber) ?? [this.outcomeOf(toNumber) ?? "answered"];
      const outcome = (script.length > 1 ? script.shift() : script[0]) ?? "answered";
      const callId = `call_${batch.batch_call_id.slice(-6)}_${n}`;
      return { taskId: `task_${n}`, toNumber, outcome, ...(outcome === "failed" ? {} : { callId }) };
    });
    this.#lines.set(batch.batch_call_id, lines);
    let open = lines.length;
    const over = (): void => {
      open -= 1;
      if (open === 0) onEnd();
    };
    for (const [n, line] of lines.entries()) {
      const ring: HostedRing = {
        batchId: batch.batch_call_id,
        toNumber: line.toNumber,
        fromNumber: String(batch.from_number),
        agentId: String(batch.agent_id),
        variables: batch.tasks[n]?.dynamic_variables,
        at: new Date(this.#clock.now().getTime() + this.queueMs),
      };
      const enqueue = (): void => {
        this.#queue.push(() => this.#ring(line, ring, over));
        this.#next();
      };
      if (this.never.has(line.toNumber)) this.#stuck.set(line.toNumber, enqueue);
      else if (this.queueMs > 0) this.#after(this.queueMs, enqueue);
      else enqueue();
    }
  }

  /** A call that it took and did not place is placed after all. */
  placeNow(toNumber: string): void {
    this.#stuck.get(toNumber)?.();
    this.#stuck.delete(toNumber);
  }

  #saidOn(toNumber: string): object | undefined {
    return typeof this.custom === "function" ? this.custom(toNumber) : this.custom;
  }

  #next(): void {
    if (this.#busy < this.lines) this.#queue.shift()?.();
  }

  #ring(line: Line, ring: HostedRing, over: () => void): void {
    this.#busy += 1;
    line.startedAt = this.#clock.now();
    this.rings.push({ ...ring, at: line.startedAt });
    if (line.callId) this.#calls.set(line.callId, Object.assign(line, { batch: ring }));
    this.#after(this.callMs, () => {
      line.endedAt = this.#clock.now();
      this.#busy -= 1;
      over();
      this.#next();
    });
  }

  #after(ms: number, callback: () => void): void {
    this.at(new Date(this.#clock.now().getTime() + ms), callback);
  }

  /** On the clock of the phones. */
  at(instant: Date, callback: () => void): void {
    this.#clock.at(instant, callback);
  }

  /** Rows of GET /batch-call/{id}/tasks. */
  tasksOf({ batch_call_id: id, tasks }: Batch): object[] {
    const lines = this.#lines.get(id);
    return tasks.map(({ to_number }, n) => {
      const line = lines?.[n];
      const status = !line?.startedAt
        ? "PENDING"
        : !line.endedAt
          ? "CALLING"
          : line.outcome === "failed"
            ? "FAILED"
            : "COMPLETED";
      return {
        task_id: `task_${n}`,
        to_number: this.form(to_number),
        status,
        ...(line?.startedAt && line.callId && { call_id: line.callId }),
        error_message: status === "FAILED" ? "The number is not in service" : null,
        created_at: new Date(0).toISOString(),
      };
    });
  }

  /** Data of GET /api/calls/{id}. */
  call(callId: string): object | undefined {
    const line = this.#calls.get(callId);
    if (!line?.startedAt) return undefined;
    const { endedAt, startedAt, outcome, batch } = line;
    const isTalk = outcome === "answered" || outcome === "voicemail";
    const isAnalyzed = endedAt && this.#clock.now().getTime() >= endedAt.getTime() + this.analysisMs;
    const reason = {
      answered: "USER_HANGUP",
      voicemail: "USER_HANGUP",
      no_answer: "DIAL_NO_ANSWER",
      busy: "DIAL_BUSY",
    };
    return {
      call_id: callId,
      agent_id: batch.agentId,
      call_status: endedAt ? "ENDED" : "ONGOING",
      call_type: "PHONE_CALL",
      direction: "OUTBOUND",
      from_number: batch.fromNumber,
      to_number: this.form(batch.toNumber),
      start_timestamp: startedAt.getTime(),
      end_timestamp: endedAt?.getTime() ?? null,
      call_duration: endedAt ? (isTalk ? endedAt.getTime() - startedAt.getTime() : 0) : null,
      disconnection_reason: endedAt && outcome !== "failed" ? reason[outcome] : null,
      recording_url: endedAt && isTalk ? `https://recordings.example.com/${callId}.wav` : null,
      metadata: { batch_call_id: batch.batchId },
      transcript: endedAt && isTalk ? "Agent: Hello." : null,
      call_analysis: isAnalyzed
        ? {
            call_successful: outcome === "answered",
            call_summary: "They said hello.",
            in_voicemail: outcome === "voicemail",
            ...(this.custom && { custom_analysis_data: this.#saidOn(line.toNumber) }),
          }
        : null,
      ...this.callDistortion,
    };
  }
}
