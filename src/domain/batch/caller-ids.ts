import { callingCodeAtStart, countryCodes, readInternational } from "../phone/number-plans.ts";
import { zonesOfNumber } from "../phone/number-zones.ts";
import type { PhoneNumberType } from "../phone/phone-number.ts";

/** The numbers that a batch calls from, its first one in front; none where the API does not tell it. */
export function callerIdsOf(fromNumber: string | undefined, more: readonly string[] = []): readonly string[] {
  return fromNumber === undefined ? [] : [fromNumber, ...more];
}

/**
 * The caller ids that a number may be called from, the one to be tried first in front; none where there are none. Those of its country
 * or, where none is, of a place that shares its calling code and may be its own, else all: nobody is called from abroad as long as there is
 * another one. Among them the nearest comes first: the same clock, then the longest piece of area code, then the order of the batch.
 * `kept` is the one that the person was called from before: it stays the only one while it may be used.
 */
export function callerIdsFor(toNumber: string, callerIds: readonly string[], kept?: string): readonly string[] {
  if (callerIds.length < 2) return callerIds;
  const recipient = placeOf(toNumber);
  // A list has none of them; but it may change at the moment at which they do.
  const others = callerIds.filter((callerId) => callerId !== toNumber);
  const ranked = others.map((callerId) => ({ callerId, nearness: nearnessOf(placeOf(callerId), recipient) }));
  const home = Math.max(...ranked.map(({ nearness: [country] }) => country));
  const candidates = ranked.filter(({ nearness: [country] }) => country === home);
  const stays = candidates.find(({ callerId }) => callerId === kept);
  if (stays) return [stays.callerId];
  return candidates.toSorted((a, b) => compareNearness(b.nearness, a.nearness)).map(({ callerId }) => callerId);
}

/** Caller ids of a batch that its account turned out not to have. */
export type GoneCallerIds = {
  /** By number: when that was noticed last, in ms since 1970. */
  readonly since: Readonly<Record<string, number>>;
  /** When all of them began to be tried again, in ms since 1970: what was claimed before says nothing of the time after. */
  readonly triedAgainAt?: number;
};

/** A batch as far as it says from which numbers it may call. */
type CallingBatch = {
  readonly fromNumber: string;
  readonly rules: { readonly moreFromNumbers?: readonly string[] };
  readonly goneCallerIds?: GoneCallerIds;
};

/** How long one is left out before it is tried again, which rings no phone where it still is gone. */
const leftOutMs = 10 * 60_000;

/** The caller ids of a batch but those that are left out at that moment. */
export function usableCallerIds({ fromNumber, rules, goneCallerIds }: CallingBatch, now: Date): readonly string[] {
  const callerIds = callerIdsOf(fromNumber, rules.moreFromNumbers);
  if (!goneCallerIds) return callerIds;
  return callerIds.filter((callerId) => {
    const since = goneCallerIds.since[callerId];
    // One that is dated ahead was noticed before the clock was set back.
    return since === undefined || since > now.getTime() || now.getTime() - since >= leftOutMs;
  });
}

/** Those that the account did not have when they were tried last, in the order of the batch; undefined for none. */
export function goneFromNumbers({ fromNumber, rules, goneCallerIds }: CallingBatch): string[] | undefined {
  const gone = callerIdsOf(fromNumber, rules.moreFromNumbers).filter(
    (number) => goneCallerIds?.since[number] !== undefined,
  );
  return gone.length > 0 ? gone : undefined;
}

/** Leaves one out that an attempt was refused for; undefined where that changes nothing, as it is left out, or was claimed too long ago. */
export function withoutCallerId(
  batch: CallingBatch,
  { fromNumber, claimedAt }: { readonly fromNumber: string; readonly claimedAt: Date },
  now: Date,
): GoneCallerIds | undefined {
  const { since = {}, triedAgainAt = 0 } = batch.goneCallerIds ?? {};
  if (claimedAt.getTime() < triedAgainAt || !usableCallerIds(batch, now).includes(fromNumber)) return undefined;
  return { ...batch.goneCallerIds, since: { ...since, [fromNumber]: now.getTime() } };
}

/** All of them are tried again from here on. */
export function triedAgain(gone: GoneCallerIds | undefined, now: Date): GoneCallerIds | undefined {
  return gone && { since: {}, triedAgainAt: now.getTime() };
}

/** The account has one after all. */
export function withCallerId({ since, ...others }: GoneCallerIds, fromNumber: string): GoneCallerIds {
  const { [fromNumber]: _back, ...gone } = since;
  return { ...others, since: gone };
}

/** A caller id of a batch, and how many people of its list it is the nearest one to. */
export type CallerIdShare = { readonly fromNumber: string; readonly people: number };

/** How many of these numbers are nearest to each caller id, in the order of the caller ids; undefined for a single one. */
export function countNearest(
  numbers: readonly string[],
  callerIds: readonly string[],
): readonly CallerIdShare[] | undefined {
  if (callerIds.length < 2) return undefined;
  const counts = new Map(callerIds.map((callerId) => [callerId, 0]));
  for (const number of numbers) {
    const [nearest] = callerIdsFor(number, callerIds);
    if (nearest !== undefined) counts.set(nearest, (counts.get(nearest) ?? 0) + 1);
  }
  return [...counts].map(([fromNumber, people]) => ({ fromNumber, people }));
}

/** How people share the caller ids of a batch. */
export type CallerIdUse = {
  /** From how many of them somebody may be called. */
  readonly used: number;
  /** Of how many caller ids the pace is theirs, where calls to all people take as long as those to the people who wait longest. */
  readonly asOne: number;
};

export const oneCallerId: CallerIdUse = { used: 1, asOne: 1 };

/** Those of a country, which share the caller ids of that country, are called beside all others and not from theirs. */
export function callerIdUse(numbers: readonly string[], callerIds: readonly string[]): CallerIdUse {
  if (callerIds.length < 2 || numbers.length === 0) return oneCallerId;
  const groups = new Map<string, { readonly callerIds: readonly string[]; people: number }>();
  for (const number of numbers) {
    const theirs = callerIdsFor(number, callerIds).toSorted();
    const group = groups.get(theirs.join()) ?? { callerIds: theirs, people: 0 };
    group.people += 1;
    groups.set(theirs.join(), group);
  }
  const used = new Set([...groups.values()].flatMap((group) => group.callerIds)).size;
  const shares = [...groups.values()].map((group) => (group.callerIds.length * numbers.length) / group.people);
  return { used, asOne: Math.min(used, ...shares) };
}

/** The same of linked batches, which have the same caller ids; undefined where one does not tell it. */
export function mergeShares(
  parts: readonly (readonly CallerIdShare[] | undefined)[],
): readonly CallerIdShare[] | undefined {
  const known = parts.filter((shares) => shares !== undefined);
  if (known.length === 0 || known.length < parts.length) return undefined;
  const counts = new Map<string, number>();
  for (const { fromNumber, people } of known.flat()) counts.set(fromNumber, (counts.get(fromNumber) ?? 0) + people);
  return [...counts].map(([fromNumber, people]) => ({ fromNumber, people }));
}

const mostNamed = 10;

/** Each caller id and how many people are nearest to it, a line each; of many the first ones by name. */
export function toSharesText(shares: readonly CallerIdShare[]): readonly string[] {
  const named = shares.length > mostNamed ? shares.slice(0, mostNamed - 1) : shares;
  const others = shares.slice(named.length);
  const more = others.reduce((sum, { people }) => sum + people, 0);
  return [
    ...named.map(({ fromNumber, people }) => `${fromNumber}, nearest to ${people.toLocaleString("en-US")}`),
    ...(others.length > 0 ? [`${others.length} others, nearest to ${more.toLocaleString("en-US")}`] : []),
  ];
}

/** Where a number is, as far as it tells. */
type Place = {
  /** Empty where it has none. */
  readonly callingCode: string;
  /** Absent where the number does not tell which of those that share its calling code. */
  readonly country?: string;
  /** What stands after the calling code of a number that belongs to an area; absent for mobiles, toll-free ones and the like. */
  readonly area?: { readonly digits: string; readonly zones: readonly string[] };
};

/** Types that belong to an area; the North American ones do not tell a mobile from a fixed line. */
const areaTypes: Readonly<Record<string, PhoneNumberType>> = {
  FIXED_LINE: "fixed_line",
  FIXED_LINE_OR_MOBILE: "fixed_line_or_mobile",
};

/** Types that a whole calling code shares: their country is only the one that comes first in its plan. */
const sharedTypes: ReadonlySet<string> = new Set([
  "TOLL_FREE",
  "PREMIUM_RATE",
  "SHARED_COST",
  "UAN",
  "PERSONAL_NUMBER",
]);

// A claim looks at the same numbers again and again.
const known = new Map<string, Place>();
const mostKnown = 20_000;

function placeOf(number: string): Place {
  const seen = known.get(number);
  if (seen) return seen;
  if (known.size >= mostKnown) known.clear();
  const place = readPlace(number);
  known.set(number, place);
  return place;
}

function readPlace(number: string): Place {
  const read = readInternational(number.slice(1));
  if (!read) return { callingCode: callingCodeAtStart(number.slice(1)) ?? "" };
  const { callingCode, national, country } = read;
  if (sharedTypes.has(read.type) && countryCodes(callingCode).length > 1) return { callingCode };
  const type = areaTypes[read.type];
  if (!type) return { callingCode, country };
  return { callingCode, country, area: { digits: national, zones: zonesOfNumber({ e164: number, country, type }) } };
}

/** Country (2: the same, 1: perhaps, 0: another), clock (1: the same), digits of the area code that are the same. */
type Nearness = readonly [country: number, clock: number, digits: number];

function nearnessOf(callerId: Place, recipient: Place): Nearness {
  const country = countryNearness(callerId, recipient);
  const [own, theirs] = [callerId.area, recipient.area];
  if (country < 2 || !own || !theirs) return [country, 0, 0];
  return [country, own.zones === theirs.zones ? 1 : 0, sharedDigits(own.digits, theirs.digits, recipient.callingCode)];
}

function countryNearness(a: Place, b: Place): number {
  if (a.callingCode === "" || a.callingCode !== b.callingCode) return 0;
  if (a.country !== undefined && b.country !== undefined) return a.country === b.country ? 2 : 0;
  return 1;
}

const northAmerica = "1";
const northAmericanArea = 3;

/** In North America an area code is near to itself alone; elsewhere those that begin alike are mostly neighbours. */
function sharedDigits(a: string, b: string, callingCode: string): number {
  let shared = 0;
  while (shared < a.length && a[shared] === b[shared]) shared += 1;
  if (callingCode !== northAmerica) return shared;
  return shared >= northAmericanArea ? northAmericanArea : 0;
}

function compareNearness(a: Nearness, b: Nearness): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}
