import { Problem } from "../domain/problem.ts";
import { sleep } from "../lib/clock.ts";
import type { ReadContext, Resource } from "./resource.ts";

/** What somebody wants to hear of: addresses whose content changes, and the list of resources. */
export type Watched = { readonly uris: readonly string[]; readonly isListWatched: boolean };

export type ResourceChange = { readonly kind: "updated"; readonly uri: string } | { readonly kind: "listed" };

export type Watching = {
  /** Resolves once the first state was read: every change after that is told. False where something is not there. */
  readonly isThere: Promise<boolean>;
  /** Twice is no harm. */
  stop(): void;
};

/** The most addresses that are watched for one subscription. */
export const mostWatched = 100;

/** What several addresses may follow from, and who is told when it changes. */
type Subject = {
  readonly read: (context: ReadContext) => Promise<string>;
  readonly tells: Set<() => void>;
  isThere: Promise<boolean>;
  state?: string;
  /** When it was looked at last, when it last changed, and when it is looked at next; in ms. */
  lookedAt: number;
  changedAt: number;
  dueAt: number;
};

type Read = Subject["read"];

// Told within a second while things change, and at most once a second. What has long been quiet is looked at less often.
const shortestWaitMs = 1000;
const longestWaitMs = 15_000;
const shareOfQuiet = 0.1;

const gone = "gone";

/**
 * Reads the state of what is watched again and again, as the caller may read it, and tells of each difference. The calls are
 * placed by another process, or by another company, so there is nothing else to hear of changes from. While nobody watches, nothing runs.
 */
export class ResourceWatch {
  readonly #resources: readonly Resource[];
  readonly #makeContext: () => ReadContext;
  readonly #subjects = new Map<string, Subject>();
  #isRunning = false;
  #wait = new AbortController();

  constructor(resources: readonly Resource[], makeContext: () => ReadContext) {
    this.#resources = resources;
    this.#makeContext = makeContext;
  }

  watch({ uris, isListWatched }: Watched, tell: (change: ResourceChange) => void): Watching {
    const followed = [
      ...[...new Set(uris)].map((uri) => this.#follow(uri, () => tell({ kind: "updated", uri }))),
      ...(isListWatched ? [this.#follow(undefined, () => tell({ kind: "listed" }))] : []),
    ];
    return {
      isThere: Promise.all(followed.map(({ isThere }) => isThere)).then((all) => !all.includes(false)),
      stop: () => {
        for (const { stop } of followed) stop();
      },
    };
  }

  /** Something was done that may have changed anything: all is looked at as soon as it may be told again. */
  nudge(): void {
    if (this.#subjects.size === 0) return;
    for (const subject of this.#subjects.values()) subject.dueAt = subject.lookedAt + shortestWaitMs;
    this.#wait.abort();
  }

  /** Follows an address, or the list of resources. */
  #follow(uri: string | undefined, tell: () => void): Watching {
    const found = uri === undefined ? this.#listSubject() : this.#subjectAt(uri);
    if (!found) return { isThere: Promise.resolve(false), stop: () => {} };
    const { key, read } = found;
    const subject = this.#subjects.get(key) ?? this.#begin(key, read);
    subject.tells.add(tell);
    void this.#run();
    return {
      isThere: subject.isThere,
      stop: () => {
        subject.tells.delete(tell);
        if (subject.tells.size > 0 || this.#subjects.get(key) !== subject) return;
        this.#subjects.delete(key);
        if (this.#subjects.size === 0) this.#wait.abort();
      },
    };
  }

  /** The first look does not wait for the others. */
  #begin(key: string, read: Read): Subject {
    const now = this.#now();
    const isThere = Promise.resolve(true);
    const subject: Subject = { read, tells: new Set(), isThere, lookedAt: now, changedAt: now, dueAt: now };
    this.#subjects.set(key, subject);
    subject.isThere = this.#look(subject).then(() => subject.state !== gone);
    return subject;
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    while (this.#subjects.size > 0) {
      const due = [...this.#subjects.values()].filter(({ dueAt }) => dueAt <= this.#now());
      for (const subject of due) await this.#look(subject);
      await this.#sleep();
    }
    this.#isRunning = false;
  }

  /** Until something is due, somebody nudges or nobody watches any more. */
  async #sleep(): Promise<void> {
    if (this.#subjects.size === 0) return;
    this.#wait = new AbortController();
    const dueAt = Math.min(...[...this.#subjects.values()].map((subject) => subject.dueAt));
    const waitMs = Math.max(dueAt - this.#now(), 0);
    if (waitMs > 0) await sleep(this.#makeContext().clock, waitMs, this.#wait.signal);
  }

  async #look(subject: Subject): Promise<void> {
    subject.lookedAt = this.#now();
    this.#plan(subject);
    const wasTried = subject.state !== undefined;
    const state = await this.#read(subject);
    if (state === undefined) return;
    const isChanged = wasTried && subject.state !== state;
    subject.state = state;
    if (!isChanged) return;
    subject.changedAt = this.#now();
    this.#plan(subject);
    for (const tell of subject.tells) tell();
  }

  #plan(subject: Subject): void {
    const quietMs = Math.round((subject.lookedAt - subject.changedAt) * shareOfQuiet);
    subject.dueAt = subject.lookedAt + Math.min(Math.max(quietMs, shortestWaitMs), longestWaitMs);
  }

  /** Undefined where it cannot be read now. */
  async #read({ read }: Subject): Promise<string | undefined> {
    try {
      return await read(this.#makeContext());
    } catch (error) {
      return error instanceof Problem && error.code === "not_found" ? gone : undefined;
    }
  }

  #now(): number {
    return this.#makeContext().clock.now().getTime();
  }

  /** All addresses of one thing follow from one state. */
  #subjectAt(uri: string): { readonly key: string; readonly read: Read } | undefined {
    for (const { uriTemplate, state } of this.#resources) {
      const [before = "", after = ""] = uriTemplate.split(/\{\w+\}/);
      const id = uri.slice(before.length, uri.length - after.length);
      if (uri !== `${before}${id}${after}` || id === "" || /[/?#]/.test(id)) continue;
      return { key: `${before}${id}`, read: (context) => state(decode(id), context) };
    }
    return undefined;
  }

  #listSubject(): { readonly key: string; readonly read: Read } | undefined {
    const listed = this.#resources.flatMap(({ list }) => list ?? []);
    if (listed.length === 0) return undefined;
    const read: Read = async (context) => JSON.stringify(await Promise.all(listed.map((list) => list(context))));
    return { key: "", read };
  }
}

function decode(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}
