import type { ServerContext } from "@modelcontextprotocol/server";
import { afterEach, expect, it, vi } from "vitest";
import { type AskingCall, FormStates, fingerprintFor } from "../../src/mcp/form-state.ts";
import { absent } from "./example-tools.ts";

const call = { principal: "local", tool: "start_batch", args: { batch_id: "batch_1", start: "now" } };
const context = absent<ServerContext>("context");
const refusal = { code: "invalid_input", message: expect.stringContaining("Nobody was called") };

const open = async (forms: FormStates, state: string, by: AskingCall = call): Promise<string | undefined> =>
  fingerprintFor(by, await forms.read(state, context));

afterEach(() => {
  vi.useRealTimers();
});

it("a state gives back the fingerprint that was asked about", async () => {
  const forms = new FormStates();
  expect(await open(forms, await forms.seal(call, "f1"))).toBe("f1");
});

it.each([
  ["principal", { ...call, principal: "other" }],
  ["tool", { ...call, tool: "resume_batch" }],
  ["batch", { ...call, args: { ...call.args, batch_id: "batch_2" } }],
  ["set of arguments", { ...call, args: undefined }],
])("a state is refused for another %s", async (_what, other) => {
  const forms = new FormStates();
  await expect(open(forms, await forms.seal(call, "f1"), other)).rejects.toMatchObject(refusal);
});

it("a state is refused when a single character of it is changed", async () => {
  const forms = new FormStates();
  const state = await forms.seal(call, "f1");
  for (let at = 0; at < state.length; at++) {
    const forged = `${state.slice(0, at)}${state[at] === "x" ? "y" : "x"}${state.slice(at + 1)}`;
    // The last character of base64url may carry bits that nothing is read from.
    const opened = await open(forms, forged).catch((error: unknown) => error);
    if (at < state.length - 1) expect(opened).toBeInstanceOf(Error);
    else expect(["f1", expect.any(Error)]).toContainEqual(opened);
  }
});

it.each(["", "v1.", "x", "v1.e30.", "v1.e30.AAAA"])("%j is no state", async (text) => {
  await expect(open(new FormStates(), text)).rejects.toThrow();
});

it("a state of another process is refused", async () => {
  const state = await new FormStates().seal(call, "f1");
  await expect(open(new FormStates(), state)).rejects.toThrow();
});

it("a state is over after ten minutes", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-02-20T12:00:00Z") });
  const forms = new FormStates();
  const state = await forms.seal(call, "f1");
  vi.setSystemTime(new Date("2026-02-20T12:10:00Z"));
  expect(await open(forms, state)).toBe("f1");
  vi.setSystemTime(new Date("2026-02-20T12:10:01Z"));
  expect(await open(forms, state)).toBeUndefined();
});

it("a state gives nothing away of the call", async () => {
  const state = await new FormStates().seal(call, "f1");
  const body = Buffer.from(state.split(".")[1] ?? "", "base64url").toString();
  expect(body).toContain("f1");
  expect(body).not.toContain("batch_1");
  expect(body).not.toContain("local");
});
