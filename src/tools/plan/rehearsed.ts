import { counted } from "../../domain/text.ts";
import { toWallTime } from "../../domain/time/zone.ts";
import type { Rehearsed } from "../tool.ts";

const mostHours = 48;

/** What a rehearsal came to: when the phones ring on the clocks of those who are called, how the calls end, and when the last has. */
export function toRehearsedText({ calls, endsAt, timezone, outcomes, hours }: Rehearsed): string {
  const end =
    endsAt === undefined ? "" : `; the last ends at ${toWallTime(endsAt, timezone).replace("T", " ")} (${timezone})`;
  const ended = Object.entries(outcomes).map(([outcome, count]) => `${outcome} ${count}`);
  const more = hours.length - mostHours;
  return [
    `Rehearsed on a virtual clock, with made-up outcomes; nobody was called. ${counted(calls, "call")}${end}.`,
    `Outcomes of the calls: ${ended.join(", ") || "none"}`,
    "Phones ring, on the clocks of the numbers:",
    ...hours
      .slice(0, mostHours)
      .map(
        ({ timezone: zone, hour, calls: rings, answered }) =>
          `- ${zone} ${hour.replace("T", " ")}:00: ${counted(rings, "call")}, ${answered} answered`,
      ),
    ...(more > 0 ? [`- and ${counted(more, "more hour", "more hours")}`] : []),
  ].join("\n");
}
