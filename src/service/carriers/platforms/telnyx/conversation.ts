import { z } from "zod";
import { fromAnswerPlaces } from "../../../../contract/call-answers.ts";
import { isObject } from "../../../../contract/envelope.ts";
import { maybeText, present } from "../../../../contract/fields.ts";
import { jsonOf } from "../answers.ts";
import type { Talk } from "./call.ts";
import { type Read, readPages } from "./pages.ts";

const conversations = z.object({ data: z.array(z.object({ id: z.string().min(1) })) });
const message = z.object({ role: z.string(), text: maybeText });
const insightsReading = z.object({
  status: z.string(),
  conversation_insights: z.array(z.object({ result: z.string() })).catch([]),
});

/** What the assistant and the person said in that call. Nothing, and not analysed, where Telnyx shows no conversation of it. */
export async function readTalk(callControlId: string, read: Read): Promise<Talk> {
  const query = new URLSearchParams({ "metadata->call_control_id": `eq.${callControlId}`, limit: "2" });
  const { data } = conversations.parse(await read({ method: "GET", path: `/ai/conversations?${query}` }));
  const [conversation] = data;
  if (!conversation) return { isAnalyzed: false };
  const path = `/ai/conversations/${encodeURIComponent(conversation.id)}`;
  const [said, found] = await Promise.all([
    readPages(read, `${path}/messages`),
    readPages(read, `${path}/conversations-insights`),
  ]);
  const insights = found.flatMap((row) => insightsReading.safeParse(row).data ?? []);
  const results = insights.flatMap(({ conversation_insights: all }) => all.map(({ result }) => result));
  const structured = results.map(jsonOf).filter(isObject);
  const texts = results.filter((result) => result !== "" && !isObject(jsonOf(result)));
  return {
    isAnalyzed: insights.length > 0 && insights.every(({ status }) => status === "completed" || status === "failed"),
    ...present({
      transcript: toTranscript(said) || undefined,
      summary: texts.join("\n") || undefined,
      answers: structured.length > 0 ? fromAnswerPlaces([Object.assign({}, ...structured), ...structured]) : undefined,
    }),
  };
}

function toTranscript(rows: readonly unknown[]): string {
  const speakers: Readonly<Record<string, string>> = { assistant: "Agent", user: "User" };
  return rows
    .flatMap((row) => {
      const { role = "", text } = message.safeParse(row).data ?? {};
      const speaker = Object.hasOwn(speakers, role) ? speakers[role] : undefined;
      return speaker && text ? [`${speaker}: ${text}`] : [];
    })
    .join("\n");
}
