import { describe, expect, test } from "vitest";
import { type TellNotice, whileHeard } from "../../src/lib/notices.ts";
import { json, reset, type Step, silence } from "./scripted-server.ts";
import { apiKey, apiSecret, batch, connect, serve } from "./support.ts";

function hear(): { readonly heard: string[]; readonly tell: TellNotice } {
  const heard: string[] = [];
  return { heard, tell: (level, message) => void heard.push(`${level}: ${message}`) };
}

describe("whoever waits for an answer of the API", () => {
  test.each<[string, Step, string]>([
    ["a refusal that may pass", json(503, {}), "answered 503 to"],
    ["an answer that broke off", reset, "broke off its answer to"],
  ])("hears that it is asked again after %s, without ids, numbers or keys", async (_what, fault, words) => {
    const server = await serve(fault, json(200, { data: batch }));
    const { api, clock } = connect(server.url);
    const { heard, tell } = hear();
    const answer = whileHeard({ tell }, () => api.getBatch("batch_1"));
    await clock.passWait();
    await clock.passWait();
    await answer;
    expect(heard.filter((line) => line.startsWith("warning"))).toEqual([
      expect.stringMatching(new RegExp(`^warning: The API ${words} GET \\S+; it is asked again at once\\.$`)),
    ]);
    for (const secret of ["batch_1", apiKey, apiSecret]) expect(heard.join(" ")).not.toContain(secret);
  });

  test("hears after three seconds that it is still waited for, and nobody else does", async () => {
    const server = await serve(silence);
    const { api, clock } = connect(server.url);
    const { heard, tell } = hear();
    const answer = whileHeard({ tell }, () => api.getBatch("batch_1")).catch(() => "given up");
    const unheard = api.getBatch("batch_2").catch(() => "given up");
    await clock.advance({ seconds: 2 });
    expect(heard).toEqual([]);
    await clock.advance({ seconds: 1 });
    expect(heard).toEqual([expect.stringMatching(/^notice: The API has not answered GET \S+ for 3 s/)]);
    await clock.advance({ seconds: 30 });
    expect(await Promise.all([answer, unheard])).toEqual(["given up", "given up"]);
    expect(heard).toHaveLength(1);
  });

  test("hears as progress that it goes on, every three seconds until the answer or the deadline", async () => {
    const server = await serve(silence);
    const { api, clock } = connect(server.url);
    const heard: string[] = [];
    const hearer = { tell: () => {}, tellWait: (message: string) => void heard.push(message) };
    const answer = whileHeard(hearer, () => api.getBatch("batch_1")).catch(() => "given up");
    await clock.advance({ seconds: 2 });
    expect(heard).toEqual([]);
    await clock.advance({ seconds: 8 });
    const still = (seconds: number) =>
      expect.stringMatching(new RegExp(`^The API has not answered GET \\S+ for ${seconds} s; it is still waited for`));
    expect(heard).toEqual([3, 6, 9].map(still));
    await clock.advance({ seconds: 20 });
    expect(await answer).toBe("given up");
    const { length } = heard;
    await clock.advance({ minutes: 1 });
    expect(heard).toHaveLength(length);
    expect(heard.join(" ")).not.toContain("batch_1");
  });

  test("hears as progress that it is asked again", async () => {
    const server = await serve(json(503, {}), json(200, { data: batch }));
    const { api, clock } = connect(server.url);
    const heard: string[] = [];
    const hearer = { tell: () => {}, tellWait: (message: string) => void heard.push(message) };
    const answer = whileHeard(hearer, () => api.getBatch("batch_1"));
    await clock.passWait();
    await clock.passWait();
    await answer;
    expect(heard).toContainEqual(
      expect.stringMatching(/^The API answered 503 to GET \S+; it is asked again at once\.$/),
    );
  });

  test("hears nothing of an answer that comes in time", async () => {
    const server = await serve(json(200, { data: batch }));
    const { api, clock } = connect(server.url);
    const { heard, tell } = hear();
    await whileHeard({ tell, tellWait: (message) => tell("info", message) }, () => api.getBatch("batch_1"));
    await clock.advance({ seconds: 10 });
    expect(heard).toEqual([]);
  });
});
