import type { CarrierRoom, SharedRoom } from "../../carrier-room.ts";
import { instant, known, optional, type Row, whole } from "../../rows.ts";
import type { Sql } from "../sql.ts";
import type { DatabaseClock } from "./moment.ts";

const read = "SELECT * FROM batch_call.carrier_room";
const write = "UPDATE batch_call.carrier_room SET times_full = $1, full_until = $2, pace = $3";

/** In one row, by the clock of the database: processes read it as so far from now on their own one. */
export function createSharedRoom(sql: Sql, clock: DatabaseClock): SharedRoom {
  return {
    async read(now) {
      const [row = {}] = await sql.query(read);
      return toRoom(row, (await clock(sql, now)).getTime() - now.getTime());
    },
    change: (next, now) =>
      sql.transaction(async (session) => {
        const [row = {}] = await session.query(`${read} FOR UPDATE`);
        const aheadMs = (await clock(session, now)).getTime() - now.getTime();
        const room = next(toRoom(row, aheadMs));
        const fullUntil = room.fullUntil && room.fullUntil.getTime() + aheadMs;
        await session.query(write, [room.timesFull, fullUntil ?? null, room.pace ?? null]);
        return room;
      }),
  };
}

/** `aheadMs`: how far the clock of the database is ahead of that of whoever asks. */
function toRoom(row: Row, aheadMs: number): CarrierRoom {
  const fullUntil = optional(row, "full_until", instant);
  const pace = row["pace"];
  return {
    timesFull: whole(row, "times_full"),
    ...known({
      fullUntil: fullUntil && new Date(fullUntil.getTime() - aheadMs),
      pace: typeof pace === "number" ? pace : undefined,
    }),
  };
}
