import { z } from "zod";
import { isObject } from "../../../../contract/envelope.ts";
import { maybeText, present } from "../../../../contract/fields.ts";
import { partOf } from "../answers.ts";
import type { PlatformAgent, PlatformNumber, PlatformRequest } from "../platform.ts";
import { namesInBraces } from "../variables.ts";

/** The body of a successful answer; throws for any other. */
type Read = (request: PlatformRequest) => Promise<unknown>;

/** The most that a list gives; what an account has beyond it is not seen. */
const limit = 1000;

const assistantReading = z.looseObject({
  id: z.string().min(1),
  name: maybeText,
  firstMessage: maybeText,
  voicemailDetection: z.unknown().optional(),
});

/** Every assistant, with the variables that its texts name and whether it tells a mailbox from a person. */
export async function readAssistants(read: Read): Promise<readonly PlatformAgent[]> {
  const rows = z.array(assistantReading).parse(await read({ method: "GET", path: `/assistant?limit=${limit}` }));
  return rows.map((row) => ({
    agentId: row.id,
    name: row.name || row.id,
    variables: [...new Set(namesInBraces([row]))].filter((name) => !ownVariables.test(name)),
    detectsVoicemail: detectsVoicemail(row),
    ...present({
      language: maybeText.parse(partOf(row, "transcriber")["language"]),
      opening: row.firstMessage || undefined,
    }),
  }));
}

/** Filled in by Vapi itself (https://docs.vapi.ai/assistants/dynamic-variables). */
const ownVariables = /^(now|date|time|month|day|year|customer(\..+)?|transport(\..+)?|call(\..+)?)$/;

function detectsVoicemail(row: z.output<typeof assistantReading>): boolean {
  const tools = partOf(row, "model")["tools"];
  const hasTool = Array.isArray(tools) && tools.some((tool) => isObject(tool) && tool["type"] === "voicemail");
  return isObject(row.voicemailDetection) || hasTool;
}

const numberReading = z.object({ id: z.string().min(1), number: maybeText, name: maybeText });

/** Those that have a number: a SIP address of Vapi's has none. */
export async function readNumbers(read: Read): Promise<readonly PlatformNumber[]> {
  const rows = z.array(numberReading).parse(await read({ method: "GET", path: `/phone-number?limit=${limit}` }));
  return rows.flatMap(({ id, number, name }) =>
    number ? [{ phoneNumber: number, id, ...present({ nickname: name || undefined }) }] : [],
  );
}
