import { toTodaysNumber } from "../phone/phone-number.ts";
import type { Task } from "./batch.ts";
import type { Recipient } from "./plan.ts";
import { maxRecipients } from "./recipients.ts";

/** A part of linked batches as it is before their list is changed. One that is not created yet has nobody. */
export type PartBefore = {
  readonly part: number;
  /** It has not ended, so that people can be put into it and taken out. */
  readonly isOpen: boolean;
  readonly isDraft: boolean;
  readonly tasks: readonly Task[];
};

export type Assigned = {
  /** Who is to be in which part from here on, in the order of the list. Parts that have ended keep whom they called. */
  readonly people: ReadonlyMap<number, readonly Recipient[]>;
  /** Those of them who are in no part yet. */
  readonly newcomers: readonly { readonly part: number; readonly toNumber: string }[];
  /** People with numbers of two parts: two batches would call one phone. */
  readonly clashes: readonly Recipient[];
};

/**
 * Puts the people of another list into the parts of linked batches: who is in a part stays there, who is new goes to the end of
 * an open part with room, the last one first, or into new parts. `promised` has the part of who was to be put into one by a change that
 * did not end: its request may still arrive.
 */
export function assignToParts(
  people: readonly Recipient[],
  parts: readonly PartBefore[],
  promised: ReadonlyMap<string, number>,
): Assigned {
  const { own, anyNumber } = findPlaces(parts, promised);
  const assigned = new Map<number, Recipient[]>(parts.map(({ part }) => [part, []]));
  const newcomers: { part: number; toNumber: string }[] = [];
  const clashes: Recipient[] = [];
  const homeless: Recipient[] = [];
  const put = (part: number, person: Recipient): void => {
    const same = assigned.get(part);
    if (same) same.push(person);
    else assigned.set(part, [person]);
    if (!own.has(person.toNumber)) newcomers.push({ part, toNumber: person.toNumber });
  };
  for (const person of people) {
    const places = placesOf(person, anyNumber);
    const [place] = places;
    if (places.size > 1 || (place !== undefined && isEnded(place, parts) && !own.has(person.toNumber)))
      clashes.push(person);
    else if (place === undefined) homeless.push(person);
    else put(place, person);
  }
  // 100 parts at most, so the first with room is soon found.
  const room = roomsOf(parts, people, newcomers);
  let last = Math.max(0, ...parts.map(({ part }) => part));
  for (const person of homeless) {
    const part = [...room].find(([, free]) => free > 0)?.[0] ?? ++last;
    room.set(part, (room.get(part) ?? maxRecipients) - 1);
    put(part, person);
  }
  return { people: assigned, newcomers, clashes };
}

/** In which parts each number is, by whomever, and who is where by their own one. */
function findPlaces(parts: readonly PartBefore[], promised: ReadonlyMap<string, number>) {
  const own = new Set<string>();
  const anyNumber = new Map<string, Set<number>>();
  const add = (number: string, part: number): void => {
    const places = anyNumber.get(number) ?? new Set();
    anyNumber.set(number, places.add(part));
  };
  for (const { part, isOpen, tasks } of parts) {
    for (const task of tasks) {
      const isOver = task.status === "cancelled" && !wasCalled(task);
      // Whom a part that has ended did not call, it never will.
      if (isOver && !isOpen) continue;
      const toNumber = toTodaysNumber(task.toNumber);
      own.add(toNumber);
      add(toNumber, part);
      if (!isOver && task.fallbackNumber !== undefined) add(toTodaysNumber(task.fallbackNumber), part);
    }
  }
  for (const [number, part] of promised) {
    if (!anyNumber.has(number) && !isEnded(part, parts)) add(number, part);
  }
  return { own, anyNumber };
}

function wasCalled({ attempts, callId }: Task): boolean {
  return attempts === undefined ? callId !== undefined : attempts > 0;
}

function placesOf({ toNumber, fallbackNumber }: Recipient, anyNumber: ReadonlyMap<string, ReadonlySet<number>>) {
  const numbers = fallbackNumber === undefined ? [toNumber] : [toNumber, fallbackNumber];
  return new Set(numbers.flatMap((number) => [...(anyNumber.get(number) ?? [])]));
}

function isEnded(part: number, parts: readonly PartBefore[]): boolean {
  return parts.some((one) => one.part === part && !one.isOpen);
}

/** How many more people each open part takes, the last one first. Only a draft forgets whom it loses. */
function roomsOf(
  parts: readonly PartBefore[],
  people: readonly Recipient[],
  newcomers: Assigned["newcomers"],
): Map<number, number> {
  const wanted = new Set<string>(people.map(({ toNumber }) => toNumber));
  const open = parts.filter(({ isOpen }) => isOpen).toReversed();
  return new Map(
    open.map(({ part, isDraft, tasks }) => {
      const kept = tasks.filter(({ toNumber, status }) => {
        return wanted.has(toTodaysNumber(toNumber)) || (!isDraft && status !== "pending");
      });
      const coming = newcomers.filter((one) => one.part === part);
      return [part, maxRecipients - kept.length - coming.length];
    }),
  );
}
