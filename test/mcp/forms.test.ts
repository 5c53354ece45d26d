import { once } from "node:events";
import { afterEach, describe, expect, it, vi } from "vitest";
import { serveOverStdio } from "../../src/mcp/stdio.ts";
import {
  type ClientKind,
  clientKinds,
  connectHttp,
  connectPipe,
  type FilledForm,
  type Person,
  type TestClient,
} from "../support/mcp-clients.ts";
import { createAskingTool } from "./asking-tool.ts";
import { serveExamples } from "./example-tools.ts";
import { closeAll, closeLater, start, token } from "./http-world.ts";
import { createPipe } from "./wire.ts";

afterEach(closeAll);

type Asking = ReturnType<typeof createAskingTool>;

async function overStdio(kind: ClientKind, { tool }: Asking, person?: Person): Promise<TestClient> {
  const pipe = createPipe();
  const ending = new AbortController();
  const over = serveOverStdio({ ...serveExamples({ tools: [tool] }), ...pipe, signal: ending.signal });
  closeLater(async () => {
    ending.abort();
    await over;
  });
  const client = await connectPipe(kind, pipe, person);
  closeLater(() => client.close());
  return client;
}

async function overHttp(kind: ClientKind, { tool }: Asking, person?: Person): Promise<TestClient> {
  const client = await connectHttp(kind, await start({ tools: [tool], token, takesForms: true }), token, person);
  closeLater(() => client.close());
  return client;
}

const accept = (recipients: number, agree = true): FilledForm => ({ action: "accept", content: { recipients, agree } });
const connections = [
  ...clientKinds.map((kind) => ({ way: `${kind} over stdio`, kind, connect: overStdio })),
  { way: "sdk v2, 2026 era over HTTP", kind: "sdk v2, 2026 era", connect: overHttp } as const,
];

describe.each(connections)("a person at a client built on $way", ({ kind, connect }) => {
  it("reads the form once, and what they type reaches the tool", async () => {
    const asking = createAskingTool();
    const person = vi.fn<Person>(() => accept(42));
    const client = await connect(kind, asking, person);
    expect(await client.callTool("ask")).toMatchObject({
      isError: false,
      structured: { answer: { kind: "accepted", typedRecipients: 42 } },
    });
    expect(person).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({
        message: expect.stringMatching(/^Call 42 people\?.*"June reminders"/s),
        requestedSchema: expect.objectContaining({ required: ["recipients", "agree"] }),
      }),
    );
    expect(asking.clients).toContain("test");
  });

  it.each<[string, FilledForm, object]>([
    ["another number, as it was typed", accept(41), { kind: "accepted", typedRecipients: 41 }],
    ["a box that was not ticked, as no", accept(42, false), { kind: "declined" }],
    ["no", { action: "decline" }, { kind: "declined" }],
    ["a closed form", { action: "cancel" }, { kind: "closed" }],
    ["a form that was sent empty, as closed", { action: "accept", content: {} }, { kind: "closed" }],
  ])("passes on %s", async (_what, filled, answer) => {
    const client = await connect(kind, createAskingTool(), () => filled);
    expect(await client.callTool("ask")).toMatchObject({ isError: false, structured: { answer } });
  });

  it("is asked again by each call", async () => {
    const answers = [accept(1), accept(2)];
    const client = await connect(kind, createAskingTool(), () => answers.shift() ?? { action: "cancel" });
    expect((await client.callTool("ask")).structured).toEqual({ answer: { kind: "accepted", typedRecipients: 1 } });
    expect((await client.callTool("ask")).structured).toEqual({ answer: { kind: "accepted", typedRecipients: 2 } });
  });

  it("is asked again within a call for as long as the tool wants to", async () => {
    const answers = [accept(41), accept(43), accept(42), accept(44)];
    const client = await connect(kind, createAskingTool(), () => answers.shift() ?? { action: "cancel" });
    expect((await client.callTool("ask", { until: 42 })).structured).toEqual({
      answer: { kind: "accepted", typedRecipients: 42 },
    });
    expect(answers).toEqual([accept(44)]);
  });

  it("counts for nothing when their client fails to show the form", async () => {
    const asking = createAskingTool();
    const client = await connect(kind, asking, () => {
      throw new Error("no window");
    });
    await client.callTool("ask").catch(() => {});
    expect(asking.answers.filter(({ kind: answer }) => answer === "accepted")).toEqual([]);
  });
});

describe("no form is there", () => {
  const withoutForms = [
    ...clientKinds.map((kind) => ({
      way: `${kind} over stdio, without the capability`,
      kind,
      connect: overStdio,
      person: undefined,
    })),
    ...clientKinds.map((kind) => ({
      way: `${kind} over HTTP, without the capability`,
      kind,
      connect: overHttp,
      person: undefined,
    })),
    ...clientKinds.slice(0, 2).map((kind) => ({
      way: `${kind} over HTTP, which cannot reach it`,
      kind,
      connect: overHttp,
      person: () => accept(42),
    })),
  ];

  it.each(withoutForms)("for a client built on $way", async ({ kind, connect, person }) => {
    const client = await connect(kind, createAskingTool(), person);
    expect(await client.callTool("ask")).toMatchObject({
      isError: false,
      structured: { answer: { kind: "unsupported" } },
    });
  });
});

describe("a person who takes longer than the client waits", () => {
  it.each(["sdk v1", "sdk v2, 2025 era"] as const)("is still heard after the call was given up (%s)", async (kind) => {
    const asking = createAskingTool();
    const givingUp = new AbortController();
    const { shown, person, answer } = createSlowPerson();
    const client = await overStdio(kind, asking, person);
    const call = client.callTool("ask", {}, givingUp).catch(() => "given up");
    await shown;
    givingUp.abort();
    expect(await call).toBe("given up");
    // Everything that was sent before this answer, the cancellation too, has been read by then.
    await client.listTools();
    expect(asking.answers).toEqual([]);
    answer(accept(42));
    await client.listTools();
    await vi.waitFor(() => expect(asking.answers).toEqual([{ kind: "accepted", typedRecipients: 42 }]));
  });

  it("is heard in the 2026 era, where no call waits meanwhile", async () => {
    const asking = createAskingTool();
    const { shown, person, answer } = createSlowPerson();
    const client = await overStdio("sdk v2, 2026 era", asking, person);
    const call = client.callTool("ask");
    await shown;
    expect(asking.runs()).toBe(1);
    answer(accept(42));
    expect(await call).toMatchObject({ structured: { answer: { kind: "accepted", typedRecipients: 42 } } });
    expect(asking.runs()).toBe(2);
  });
});

/** A person who answers when the test says so. */
function createSlowPerson() {
  const events = new EventTarget();
  const shown = once(events, "shown");
  let answer = (_filled: FilledForm): void => {};
  const person: Person = () =>
    new Promise((resolve) => {
      answer = resolve;
      events.dispatchEvent(new Event("shown"));
    });
  return { shown, person, answer: (filled: FilledForm) => answer(filled) };
}
