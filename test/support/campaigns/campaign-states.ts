import type { Outcome } from "../../../src/domain/batch/batch.ts";
import { agentId, fromNumber, startWorld, type World } from "../world.ts";

export const campaignStates = ["empty", "running", "paused", "failed", "finished", "asked", "long"] as const;
export type CampaignState = (typeof campaignStates)[number];

const firstNames = ["Ana", "Ben", "Chiara", "Dmitri", "Esra", "Farid", "Grace", "Hiro", "Ines", "Jonas"];
const lastNames = [
  "Alvarez",
  "Brandt",
  "Costa",
  "Dubois",
  "Eriksen",
  "Fischer",
  "Garcia",
  "Hansen",
  "Ito",
  "Jansen",
  "Klein",
];
// Three hours of clocks.
const areas = ["212", "312", "303", "213", "617", "404", "602", "206"];
const some: readonly (readonly Outcome[])[] = [
  ["answered"],
  ["no_answer", "answered"],
  ["answered"],
  ["busy", "no_answer"],
  ["voicemail", "voicemail"],
  ["answered"],
];

const numberAt = (at: number): string =>
  `+1${areas[at % areas.length]}${200 + Math.floor(at / 10_000)}${String(at % 10_000).padStart(4, "0")}`;

/** A campaign in one state, as the view shows it: to be looked at in pictures. */
export async function startCampaign(
  state: CampaignState,
): Promise<{ readonly world: World; readonly batchId: string }> {
  const people = state === "long" ? 10_000 : 240;
  const rows = Array.from({ length: people }, (_, at) => ({
    name: `${firstNames[at % 10]} ${lastNames[at % 11]}`,
    number: numberAt(at),
    outcomes: state === "failed" ? (["failed"] as const) : (some[at % some.length] ?? []),
  }));
  const world = await startWorld({
    now: "2026-03-02T16:20:00Z",
    ...(state === "asked" && { carrierEnvironment: "live" }),
    carrier: Object.fromEntries(rows.map(({ number, outcomes }) => [number, outcomes])),
    service: { maxConcurrent: 20, startsPerSecond: 2 },
  });
  for (const [at, { number }] of rows.entries())
    world.carrier.answers.set(number, [
      { name: "will_come", value: at % 3 === 0 ? "no" : "yes" },
      { name: "slot", value: ["morning", "noon", "evening"][at % 3] ?? "" },
    ]);
  await world.file("dentist.csv", ["name,phone", ...rows.map(({ name, number }) => `${name},${number}`)].join("\n"));
  const { batch } = await world.tool("create_batch_call", {
    name: "June check-up reminders",
    agent_id: agentId,
    from_number: fromNumber,
    tasks_file: "dentist.csv",
    purpose: "Reminders of the June check-up",
    retry_config: { enabled: true, max_attempts: 2 },
    retry_rules: [{ condition: "no_answer", enabled: true, retry_timing: { type: "AFTER", duration_minutes: 60 } }],
  });
  const batchId = batch.batch_id;
  const begin = { batch_id: batchId, start: "now" };
  if (state === "asked") await world.problem("start_batch", begin);
  else if (state !== "empty") {
    await world.whileTimePasses(world.tool("start_batch", begin));
    await world.clock.advance({ minutes: state === "finished" || state === "failed" ? 600 : 2 });
  }
  if (state === "paused") await world.tool("pause_batch", { batch_id: batchId });
  return { world, batchId };
}
