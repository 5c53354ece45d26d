import { z } from "zod";
import { isObject } from "../../../../contract/envelope.ts";
import { maybeText, present } from "../../../../contract/fields.ts";
import type { PlatformAgent, PlatformNumber } from "../platform.ts";
import { type Read, readPages } from "./pages.ts";

const application = z.object({
  sid: z.string().min(1),
  friendly_name: maybeText,
  voice_url: maybeText,
  voice_method: maybeText,
  voice_fallback_url: maybeText,
  voice_fallback_method: maybeText,
  status_callback: maybeText,
  status_callback_method: maybeText,
});
type Application = z.output<typeof application>;

/** The TwiML applications that say what happens in a call: those with a voice URL. Which variables they read is nowhere told. */
export async function readApplications(read: Read): Promise<readonly PlatformAgent[]> {
  const rows = z.array(application).parse(await readPages(read, "/Applications.json", "applications"));
  return rows.flatMap((row) =>
    row.voice_url && URL.canParse(row.voice_url)
      ? [
          {
            agentId: row.sid,
            name: row.friendly_name || row.sid,
            detectsVoicemail: true,
            callFields: toCallFields(row),
          },
        ]
      : [],
  );
}

/** What a call by the application has to say itself, since it is not made with the application's sid. */
function toCallFields(row: Application): Readonly<Record<string, string>> {
  const fields = {
    Url: row.voice_url,
    Method: row.voice_method,
    FallbackUrl: row.voice_fallback_url,
    FallbackMethod: row.voice_fallback_url ? row.voice_fallback_method : undefined,
    StatusCallback: row.status_callback,
    StatusCallbackMethod: row.status_callback ? row.status_callback_method : undefined,
  };
  return Object.fromEntries(Object.entries(fields).flatMap(([name, value]) => (value ? [[name, value]] : [])));
}

const number = z.object({
  phone_number: z.string().min(1),
  friendly_name: maybeText,
  capabilities: z.unknown().optional(),
});

/** The numbers that the account has and can call from, and the caller ids that it verified. */
export async function readNumbers(read: Read): Promise<readonly PlatformNumber[]> {
  const [own, verified] = await Promise.all([
    readPages(read, "/IncomingPhoneNumbers.json", "incoming_phone_numbers"),
    readPages(read, "/OutgoingCallerIds.json", "outgoing_caller_ids"),
  ]);
  const rows = z.array(number).parse([...own, ...verified]);
  const usable = rows.filter(({ capabilities }) => !isObject(capabilities) || capabilities["voice"] !== false);
  const byNumber = new Map<string, PlatformNumber>();
  for (const { phone_number: phoneNumber, friendly_name: name } of usable)
    if (!byNumber.has(phoneNumber))
      byNumber.set(phoneNumber, { phoneNumber, ...present({ nickname: name || undefined }) });
  return [...byNumber.values()];
}
