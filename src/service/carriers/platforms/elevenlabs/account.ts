import { z } from "zod";
import { isObject } from "../../../../contract/envelope.ts";
import { maybeFlag, maybeText, present } from "../../../../contract/fields.ts";
import { partOf } from "../answers.ts";
import type { PlatformAgent, PlatformNumber, PlatformRequest } from "../platform.ts";
import { readEach } from "../side-by-side.ts";
import { namesInBraces } from "../variables.ts";

/** The body of a successful answer; throws for any other. */
type Read = (request: PlatformRequest) => Promise<unknown>;

const pageSize = 100;
const mostPages = 20;

const page = z.object({
  agents: z.array(z.object({ agent_id: z.string().min(1) })),
  has_more: maybeFlag,
  next_cursor: maybeText,
});

/** Every agent, with the variables that it declares or names in its texts, and whether it tells a mailbox from a person. */
export async function readAgents(read: Read): Promise<readonly PlatformAgent[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  for (let count = 0; count < mostPages; count += 1) {
    const query = new URLSearchParams({ page_size: String(pageSize), ...(cursor !== undefined && { cursor }) });
    const { agents, has_more, next_cursor } = page.parse(
      await read({ method: "GET", path: `/v1/convai/agents?${query}` }),
    );
    ids.push(...agents.map(({ agent_id }) => agent_id));
    if (!has_more || !next_cursor || agents.length === 0) break;
    cursor = next_cursor;
  }
  return readEach(ids, (id) => readAgent(id, read));
}

const agentReading = z.object({
  agent_id: z.string().min(1),
  name: maybeText,
  conversation_config: z.unknown().optional(),
});

async function readAgent(id: string, read: Read): Promise<PlatformAgent> {
  const body = agentReading.parse(await read({ method: "GET", path: `/v1/convai/agents/${encodeURIComponent(id)}` }));
  const agent = partOf(body.conversation_config, "agent");
  const declared = partOf(partOf(agent, "dynamic_variables"), "dynamic_variable_placeholders");
  const names = [...Object.keys(declared), ...namesInBraces([body.conversation_config])];
  return {
    agentId: body.agent_id,
    name: body.name || body.agent_id,
    variables: [...new Set(names)].filter((name) => !ownVariables.test(name)),
    detectsVoicemail: detectsVoicemail(partOf(agent, "prompt")),
    ...present({ language: textOf(agent["language"]), opening: textOf(agent["first_message"]) }),
  };
}

/** Filled in by ElevenLabs itself, or by secrets that are kept there. */
const ownVariables = /^(system__|secret__)/;

function detectsVoicemail(prompt: Readonly<Record<string, unknown>>): boolean {
  const tool = partOf(prompt, "built_in_tools")["voicemail_detection"];
  const tools = Array.isArray(prompt["tools"]) ? prompt["tools"] : [];
  return isObject(tool) || tools.some((one) => isObject(one) && one["name"] === "voicemail_detection");
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

const numberReading = z.object({
  phone_number: z.string().min(1),
  label: maybeText,
  phone_number_id: z.string().min(1),
  provider: z.string(),
  supports_outbound: maybeFlag,
});
const callable: ReadonlySet<string> = new Set(["twilio", "sip_trunk"]);

/** Those that calls can be made from. */
export async function readNumbers(read: Read): Promise<readonly PlatformNumber[]> {
  const rows = z.array(numberReading).parse(await read({ method: "GET", path: "/v1/convai/phone-numbers" }));
  return rows
    .filter(({ provider, supports_outbound }) => callable.has(provider) && supports_outbound !== false)
    .map(({ phone_number: phoneNumber, phone_number_id: id, label, provider }) => ({
      phoneNumber,
      id,
      provider,
      ...present({ nickname: label || undefined }),
    }));
}
