import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** Each imports those before it; the last three nothing of each other. */
const rooms = ["words", "arguments", "calls", "batch", "rules", "list", "plan", "results", "do-not-call"];
const last = new Set(["plan", "results", "do-not-call"]);

test("a room of the tools imports only the rooms before it", () => {
  const wrong = rooms.flatMap((room, place) =>
    filesOf(room).flatMap((file) =>
      importsOf(file)
        .filter((other) => rooms.indexOf(other) > place || (last.has(room) && last.has(other)))
        .map((other) => `${file}: ${other}`),
    ),
  );
  expect(wrong).toEqual([]);
  expect(rooms.flatMap(filesOf).length).toBeGreaterThan(70);
});

function filesOf(room: string): readonly string[] {
  return readdirSync(`src/tools/${room}`).map((name) => `src/tools/${room}/${name}`);
}

function importsOf(file: string): readonly string[] {
  return [...readFileSync(file, "utf8").matchAll(/from "\.\.\/([\w-]+)\//g)].map(([, room = ""]) => room);
}
