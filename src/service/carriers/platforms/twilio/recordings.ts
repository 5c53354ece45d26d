import { z } from "zod";
import { maybeText } from "../../../../contract/fields.ts";
import { type Read, readPages } from "./pages.ts";

const recording = z.object({ status: maybeText, uri: z.string().startsWith("/") });

/**
 * Where the first recording of that call is, if the application made one: Twilio's address of it without `.json`, which is its sound, for
 * who has a login of the account.
 */
export async function readRecordingUrl(callId: string, read: Read): Promise<string | undefined> {
  const path = `/Calls/${encodeURIComponent(callId)}/Recordings.json`;
  const rows = z.array(recording).parse(await readPages(read, path, "recordings"));
  const done = rows.find(({ status }) => status === "completed");
  return done && `https://api.twilio.com${done.uri.replace(/\.json$/, "")}`;
}
