import { tools } from "../../../src/tools/index.ts";
import type { Random } from "../random.ts";
import { usNumber } from "../us-numbers.ts";

export type ToolCall = { readonly tool: string; readonly args: Record<string, unknown> };

const mostRemembered = 400;
const mostBatches = 8;

// All of them, and those that could make a phone ring more often.
const weighted: readonly string[] = [
  ...tools.map(({ name }) => name),
  ...Array<string>(10).fill("create_batch_call"),
  ...Array<string>(10).fill("start_batch"),
  ...Array<string>(2).fill("resume_batch"),
];

/** Numbers that no launch may ever reach: premium, toll-free, another country under +1, emergency. */
export const neverToCall = ["+19005550123", "+18005550199", "+18765550123", "+442079460123", "911"];

/** An agent that calls tools at random, with arguments right and wrong, and echoes whatever it was ever shown. */
export class HostileAgent {
  readonly #random: Random;
  readonly #heard: string[] = [];
  readonly #batchIds: string[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  /** Remembers every word of an answer or of an error. */
  hear(answer: unknown): void {
    const text = typeof answer === "string" ? answer : JSON.stringify(answer);
    for (const [id] of text.matchAll(/batch_call_\d+/g)) if (!this.#batchIds.includes(id)) this.#batchIds.push(id);
    this.#heard.push(...(text.match(/[\w.:+/-]{3,}/g) ?? []).filter((word) => !this.#heard.includes(word)));
    this.#heard.splice(0, this.#heard.length - mostRemembered);
    this.#batchIds.splice(0, this.#batchIds.length - mostBatches);
  }

  nextCall(now: Date): ToolCall {
    const name = this.#random.pickAny(weighted) ?? "list_batches";
    const args = this.#argsFor(name, now);
    if (this.#random.chance(0.1)) args[this.#random.pick(smuggled)] = this.#smuggledValue();
    if (this.#random.chance(0.05)) return { tool: name, args: this.#scrambled(args) };
    return { tool: name, args };
  }

  #argsFor(tool: string, now: Date): Record<string, unknown> {
    switch (tool) {
      case "create_batch_call":
        return { ...this.#content(now), ...(this.#random.chance(0.1) && { allow_duplicate: true }) };
      case "preview_batch_call":
        return this.#content(now);
      case "start_batch":
        return { batch_id: this.#batchId(), ...this.#start(now, "now"), ...this.#expectation() };
      case "resume_batch":
        return { batch_id: this.#batchId(), ...(this.#random.chance(0.3) && { redial_unknown: true }) };
      case "update_batch":
        return { batch_id: this.#batchId(), ...this.#edit(now) };
      case "get_batch_status":
        return { batch_id: this.#batchId(), ...(this.#random.chance(0.2) && { wait_seconds: this.#random.below(45) }) };
      case "update_do_not_call_list":
        return {
          action: this.#random.pick(["add", "remove", "remove"]),
          numbers: [usNumber(this.#random.below(30))],
        };
      case "get_call":
        return { call_id: this.#echo() };
      case "list_batches":
      case "list_agents":
      case "list_phone_numbers":
        return this.#random.chance(0.5) ? {} : { cursor: this.#echo() };
      default:
        return { batch_id: this.#batchId() };
    }
  }

  /** Of few names and lists, so that much of it was created before. */
  #content(now: Date): Record<string, unknown> {
    const first = this.#random.below(10) * 3;
    const tasks = Array.from({ length: 1 + this.#random.below(4) }, (_, n) => ({ to_number: usNumber(first + n) }));
    if (this.#random.chance(0.1)) tasks.push({ to_number: this.#random.pickAny(neverToCall) ?? "" });
    return {
      name: this.#random.chance(0.1) ? this.#echo() : `List ${this.#random.below(5)}`,
      agent_id: this.#random.chance(0.1) ? this.#echo() : "agent_1",
      from_number: this.#random.chance(0.05) ? this.#echo() : "+14155550100",
      tasks,
      ...(this.#random.chance(0.2) && {
        retry_config: { enabled: true, max_attempts: 1 + this.#random.below(3) },
      }),
      ...this.#start(now, this.#random.pick(["draft", "now", "now"])),
    };
  }

  #start(now: Date, otherwise: string): Record<string, unknown> {
    if (this.#random.chance(0.6)) return { start: otherwise };
    return { start: "at_time", start_at: this.#time(now) };
  }

  #time(now: Date): string {
    if (this.#random.chance(0.1)) return this.#echo();
    const hours = this.#random.pick([-1, 0.02, 1, 5, 12, 30]);
    return new Date(now.getTime() + hours * 3_600_000).toISOString();
  }

  #edit(now: Date): Record<string, unknown> {
    return this.#random.pick<Record<string, unknown>>([
      { name: this.#echo() },
      { start_at: this.#time(now) },
      { timezone: this.#random.pick(["America/Chicago", "Europe/London", this.#echo()]) },
      { agent_id: this.#random.chance(0.7) ? "agent_1" : this.#echo() },
    ]);
  }

  /** What the answers told it to say. */
  #expectation(): Record<string, unknown> {
    const prints = this.#heard.filter((word) => /^[0-9a-f]{64}$/.test(word));
    return {
      ...(this.#random.chance(0.4) && { expected_recipients: 1 + this.#random.below(4) }),
      ...(this.#random.chance(0.4) && { fingerprint: this.#random.pickAny(prints) ?? this.#echo() }),
    };
  }

  #batchId(): string {
    const known = this.#random.chance(0.9) ? this.#random.pickAny(this.#batchIds) : undefined;
    return known ?? this.#echo();
  }

  #echo(): string {
    return this.#random.pickAny(this.#heard) ?? "../execute";
  }

  #smuggledValue(): unknown {
    return this.#random.pick<unknown>([true, "now", "sent", "scheduled", 1, this.#echo(), { approved: true }]);
  }

  #scrambled(args: Record<string, unknown>): Record<string, unknown> {
    const names = Object.keys(args);
    const name = this.#random.pickAny(names);
    return name === undefined
      ? args
      : { ...args, [name]: this.#random.pick<unknown>([null, [], {}, -1, this.#echo()]) };
  }
}

/** Arguments that stand for a start or an agreement, none of which the tools have in that place. */
const smuggled = [
  "send_now",
  "status",
  "start",
  "trigger_timestamp",
  "confirm",
  "force",
  "approved",
  "approval",
  "approval_id",
  "token",
  "typed_recipients",
  "fingerprint",
  "expected_recipients",
  "allow_duplicate",
] as const;
