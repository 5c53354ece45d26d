import { expect, it } from "vitest";
import { createInProcessDoor } from "../../../src/service/rest/index.ts";

const request = {
  origin: "http://127.0.0.1:9",
  method: "POST",
  path: "/x?y=1",
  headers: { "X-API-KEY": "key" },
} as const;

it("answers with the status, the headers and the text that a socket would bring", async () => {
  const door = createInProcessDoor((asked) =>
    Response.json({ method: asked.method, url: asked.url, key: asked.headers.get("x-api-key") }, { status: 418 }),
  );
  const answer = await door.ask(request);
  expect(answer).toMatchObject({ kind: "answer", status: 418, headers: { "content-type": "application/json" } });
  expect(JSON.parse("text" in answer ? answer.text : "")).toEqual({
    method: "POST",
    url: "http://127.0.0.1:9/x?y=1",
    key: "key",
  });
});

it("a service that fails has not answered, as one whose connection broke", async () => {
  const door = createInProcessDoor(() => {
    throw new Error("a defect");
  });
  expect(await door.ask(request)).toEqual({ kind: "broken", code: "ECONNRESET" });
});

it("one that ends answers what it has in hand, and takes nothing more", async () => {
  let answer = (_response: Response): void => {};
  const door = createInProcessDoor(() => new Promise<Response>((resolve) => (answer = resolve)));
  const asked = door.ask(request);
  let isDrained = false;
  const drained = door.drain().then(() => (isDrained = true));
  expect(await door.ask(request)).toEqual({ kind: "not_connected", code: "ECONNREFUSED" });
  expect(isDrained).toBe(false);
  answer(new Response("late", { status: 201 }));
  expect(await asked).toMatchObject({ kind: "answer", status: 201, text: "late" });
  await drained;
  expect(isDrained).toBe(true);
});
