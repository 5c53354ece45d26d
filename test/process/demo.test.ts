import { access } from "node:fs/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createHome, type Home, root, run } from "../support/process/spawn.ts";

// What anybody runs first: the script itself, compiled as `npm run demo` does, against the simulation and through the carrier `hosted`.

const script = `${root}/build/scripts/demo.js`;
let home: Home;
beforeEach(async () => {
  home = await createHome();
  await access(script).catch(() => {
    throw new Error("build/scripts/demo.js is missing: run `npm run build:dev` before the process tests");
  });
});
afterEach(() => home.remove());

async function demo(carrier: string): Promise<string> {
  const env = { PATH: process.env.PATH ?? "", HOME: home.path };
  const program = run({ command: process.execPath, args: [script, "--carrier", carrier], cwd: home.path, env });
  expect(await program.exited, program.stderr()).toBe(0);
  return program.stdout();
}

const life = [
  "input 30 · accepted 28 · duplicate 1 · suppressed 0 · refused 1",
  "the same list again is the same batch: true",
  "Paused: calls in progress end, no new one starts",
  "Resumed",
  "100 %  pending 0 · calling 0",
  "Exported 30 rows to a CSV file",
];

it("the demo leads a batch through its whole life in the simulation", async () => {
  const said = await demo("simulated");
  for (const step of life) expect(said).toContain(step);
  expect(said).not.toContain("A person is asked");
});

it("the same life through a queue in front of the hosted API: a person agrees, every phone rings once, answers are a table", async () => {
  const said = await demo("hosted");
  for (const step of life) expect(said).toContain(step);
  expect(said).toMatch(/A person is asked[\s\S]*Call 28 people\?[\s\S]*Started/);
  expect(said).toMatch(/rang 28 phones, 0 of them twice/);
  expect(said).toMatch(/\n {2}appointment: (?=.*confirmed \d)(?=.*wants another day \d)(?=.*cancels \d)/);
  for (const outcome of ["answered", "voicemail", "no_answer", "busy"])
    expect(said).toMatch(new RegExp(`\\n {2}\\d+ .* ${outcome} +1 `));
});
