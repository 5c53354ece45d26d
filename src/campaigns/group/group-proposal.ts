import type { Batch } from "../../domain/batch/batch.ts";
import { groupFingerprint } from "../../domain/batch/fingerprint.ts";
import type { BlankVariable } from "../../domain/batch/plan.ts";
import { mergeRings, type Rings } from "../../domain/batch/preview-places.ts";
import { mergeSteered } from "../../domain/batch/steering.ts";
import { mergeZoneConflicts } from "../../domain/batch/zone-conflicts.ts";
import { counted } from "../../domain/text.ts";
import { mapAtOnce } from "../../lib/at-once.ts";
import { people as peopleText, type StartSummary } from "../approve/index.ts";
import type { ContentFacts } from "../create/index.ts";
import {
  type LiveStarterParts,
  maxAttemptsKnown,
  mostCalls,
  prepareStart,
  recipientsToCall,
  type StartAction,
  type StartProposal,
  summarize,
} from "../start/index.ts";
import type { GroupRecord } from "./group-log.ts";
import { partsAtOnce } from "./read-group.ts";

/** What is to be done to which of the parts. */
export type PartActions = ReadonlyMap<string, StartAction>;

/** A start of several parts as one, as the upstream tells them at this moment. */
export type GroupProposal = {
  readonly group: GroupRecord;
  readonly proposals: readonly StartProposal[];
  readonly summary: StartSummary;
};

/** Reads from the upstream what the actions would call, and names all of it by one fingerprint. */
export async function prepareGroup(
  parts: LiveStarterParts,
  group: GroupRecord,
  actions: PartActions,
): Promise<GroupProposal> {
  const proposals = await mapAtOnce([...actions], partsAtOnce, ([batchId, action]) =>
    prepareStart(parts, batchId, action),
  );
  return { group, proposals, summary: summarizeGroup(parts, group, proposals) };
}

function summarizeGroup(
  { policy, timezone, clock, startLog }: LiveStarterParts,
  { groupId, name }: GroupRecord,
  proposals: readonly StartProposal[],
): StartSummary {
  const [first] = proposals;
  if (!first) throw new Error(`No part of ${groupId} was to be started`);
  const isResumed = first.action.kind === "resume";
  const parts = proposals.map(({ action, summary: { batchId, recipients, fingerprint, stateVersion, start } }) => ({
    batchId,
    recipients,
    fingerprint,
    ...(stateVersion !== undefined && { stateVersion }),
    ...(isResumed && action.kind !== "resume" && { start }),
  }));
  const facts = mergeFacts(proposals.map(({ snapshot }) => snapshot.facts));
  const snapshot = {
    batch: mergeBatches({ ...first.snapshot.batch, batchId: groupId, name }, proposals),
    tasks: proposals.flatMap(({ snapshot: { tasks } }) => tasks),
    ...(facts && { facts }),
  };
  const summary = summarize(snapshot, {
    action: first.action,
    people: proposals.flatMap(({ snapshot: own, action }) => recipientsToCall(own.tasks, action)),
    fingerprint: groupFingerprint(groupId, parts),
    agent: agentOf(first.summary),
    fallbackZone: timezone,
    policy,
    followsUnknown: parts.some(({ batchId }) => startLog.openOf(first.account, batchId)?.state === "unknown"),
    now: clock.now(),
    hasBrake: first.summary.hasBrake ?? false,
    held: new Map(proposals.flatMap(({ held }) => [...held])),
    limits: first.limits,
  });
  // Each of them only grows, so that their sum is the same only where all are.
  const versions = parts.flatMap(({ stateVersion }) => stateVersion ?? []);
  const stateVersion = versions.reduce((sum, version) => sum + version, 0);
  const later = parts.reduce((sum, { start, recipients }) => sum + (start ? recipients : 0), 0);
  const changes = new Set(proposals.flatMap((one) => one.summary.changes ?? []));
  if (later > 0) changes.add(`${peopleText(later)} in parts that did not begin yet`);
  const attempts = Math.max(...proposals.map((one) => maxAttemptsKnown(one.snapshot)));
  const rings = ringsOf(proposals);
  const lastAt = new Date(Math.max(...proposals.map((one) => one.summary.lastAt.getTime())));
  const calls = mostCalls(snapshot, summary.recipients, attempts);
  const bounds = `One answer covers all parts and the retries in them: at most ${peopleText(Math.min(summary.recipients, calls))} and ${callsText(calls)}.`;
  return {
    ...summary,
    lastAt,
    ...(summary.outlook && { outlook: { ...summary.outlook, ...(rings && { rings }) } }),
    ...(versions.length > 0 && { stateVersion }),
    parts,
    notes: [bounds, ...summary.notes],
    ...(changes.size > 0 && { changes: [...changes] }),
  };
}

/** From the first ring of any part to the last one, each by its own start; undefined where that is not known of all of them. */
function ringsOf(proposals: readonly StartProposal[]): Rings | undefined {
  const known = proposals.flatMap(({ summary }) => summary.outlook?.rings ?? []);
  return known.length === proposals.length ? mergeRings(known) : undefined;
}

function agentOf({ agentName: name, opening }: StartSummary) {
  return name === undefined ? undefined : { name, ...(opening !== undefined && { opening }) };
}

function callsText(calls: number): string {
  return counted(calls, "call");
}

/** What a summary says of the batch; digest and attempts only where all parts show them. */
function mergeBatches(
  { contentDigest: _digest, maxAttempts: _attempts, ...shown }: Batch,
  proposals: readonly StartProposal[],
): Batch {
  const batches = proposals.map(({ snapshot }) => snapshot.batch);
  const steered = mergeSteered(batches.map((batch) => batch.steered));
  const digests = batches.flatMap(({ contentDigest }) => contentDigest ?? []);
  const attempts = batches.flatMap(({ maxAttempts }) => maxAttempts ?? []);
  return {
    ...shown,
    total: batches.reduce((sum, batch) => sum + batch.total, 0),
    ...(steered && { steered }),
    ...(digests.length === batches.length && { contentDigest: digests.join(" ") }),
    ...(attempts.length === batches.length && { maxAttempts: Math.max(...attempts) }),
  };
}

/** The widest of the parts; undefined where one was not made here, so that nobody knows it. */
function mergeFacts(all: readonly (ContentFacts | undefined)[]): ContentFacts | undefined {
  const known = all.filter((facts) => facts !== undefined);
  const [first] = known;
  if (!first || known.length < all.length) return undefined;
  const spans = known.flatMap(({ spanMs }) => spanMs ?? []);
  const retries = known.flatMap(({ retriesForMs }) => retriesForMs ?? []);
  const { spanMs: _span, retriesForMs: _retries, blankVariables: _blank, preview: _preview, ...others } = first;
  const preview = mergePreviews(known.map((facts) => facts.preview));
  const blank = mergeBlank(known.flatMap(({ blankVariables = [] }) => blankVariables));
  return {
    ...others,
    attempts: Math.max(...known.map(({ attempts }) => attempts)),
    unverified: [...new Set(known.flatMap(({ unverified }) => unverified))],
    ...(spans.length === known.length && { spanMs: Math.max(...spans) }),
    ...(retries.length === known.length && { retriesForMs: Math.max(...retries) }),
    ...(blank.length > 0 && { blankVariables: blank }),
    ...(preview && { preview }),
  };
}

/** What the parts were planned to be, as one; undefined where that is not known of all of them. */
function mergePreviews(all: readonly ContentFacts["preview"][]): ContentFacts["preview"] {
  const known = all.filter((preview) => preview !== undefined);
  const [first] = known;
  if (!first || known.length < all.length) return undefined;
  // All that the parts have: of some the people were called before the others are shown.
  const examples = known.flatMap((preview) => preview.examples);
  const zoneConflicts = mergeZoneConflicts(known.map((preview) => preview.zoneConflicts ?? []));
  const people = known.flatMap((preview) => preview.people ?? []);
  return {
    // What is left out is told of the whole list.
    leftOut: first.leftOut,
    ...(first.unreadZones && { unreadZones: first.unreadZones }),
    ...(zoneConflicts.length > 0 && { zoneConflicts }),
    examples,
    ...(people.length === known.length && {
      people: {
        examples: people.flatMap((one) => one.examples),
        blank: people.flatMap((one) => one.blank),
      },
    }),
    groups: known.flatMap(({ groups }) => groups),
    attemptsOfNumber: Math.max(...known.map(({ attemptsOfNumber }) => attemptsOfNumber)),
    ...(known.some(({ hasSecondNumbers }) => hasSecondNumbers) && { hasSecondNumbers: true }),
  };
}

const mostRows = 5;

function mergeBlank(all: readonly BlankVariable[]): readonly BlankVariable[] {
  const byName = new Map<string, BlankVariable>();
  for (const blank of all) {
    const known = byName.get(blank.name);
    const firstRows = [...(known?.firstRows ?? []), ...blank.firstRows].slice(0, mostRows);
    byName.set(blank.name, { ...blank, rows: (known?.rows ?? 0) + blank.rows, firstRows });
  }
  return [...byName.values()];
}
