import { z } from "zod";
import type { CallerId } from "../../../../contract/account.ts";
import { isObject } from "../../../../contract/envelope.ts";
import { maybeText, present } from "../../../../contract/fields.ts";
import type { PlatformAgent, PlatformRequest } from "../platform.ts";
import { readEach } from "../side-by-side.ts";
import { namesInBraces } from "../variables.ts";

/** The body of a successful answer; throws for any other. */
type Read = (request: PlatformRequest) => Promise<unknown>;

const pageSize = 1000;
const mostPages = 20;

const page = z.object({
  items: z.array(z.unknown()),
  has_more: z.boolean().nullish(),
  pagination_key: maybeText,
});

/** All rows of a list that gives them page by page. */
async function readAll(read: Read, toRequest: (query: string) => PlatformRequest): Promise<readonly unknown[]> {
  const rows: unknown[] = [];
  let key: string | undefined;
  for (let count = 0; count < mostPages; count += 1) {
    const query = new URLSearchParams({ limit: String(pageSize), ...(key !== undefined && { pagination_key: key }) });
    const { items, has_more, pagination_key } = page.parse(await read(toRequest(String(query))));
    rows.push(...items);
    if (!has_more || !pagination_key || items.length === 0) break;
    key = pagination_key;
  }
  return rows;
}

const listedAgent = z.object({ agent_id: z.string().min(1) });
const voiceOnly = { channel: { type: "string", op: "eq", value: "voice" } };

/** Every voice agent, with the variables of what it answers by and whether it tells a mailbox from a person. */
export async function readAgents(read: Read): Promise<readonly PlatformAgent[]> {
  const rows = await readAll(read, (query) => ({
    method: "POST",
    path: `/v2/list-agents?${query}`,
    body: { filter_criteria: voiceOnly },
  }));
  const ids = rows.map((row) => listedAgent.parse(row).agent_id);
  return readEach(ids, (id) => readAgent(id, read));
}

const agentReading = z.object({
  agent_id: z.string().min(1),
  agent_name: maybeText,
  language: maybeText,
  voicemail_option: z.unknown(),
  response_engine: z
    .object({ type: z.string(), llm_id: maybeText, conversation_flow_id: maybeText, version: z.number().nullish() })
    .nullish()
    .catch(undefined),
});

async function readAgent(id: string, read: Read): Promise<PlatformAgent> {
  const body = await read({ method: "GET", path: `/get-agent/${encodeURIComponent(id)}` });
  const agent = agentReading.parse(body);
  const { agent_id: agentId, agent_name: name, language, response_engine: engine } = agent;
  const path = engine ? enginePath(engine) : undefined;
  const answersBy = path === undefined ? undefined : await read({ method: "GET", path });
  return {
    agentId,
    name: name || agentId,
    // Variables stand in the agent's own texts too, those of a voicemail say.
    variables: variablesIn([body, answersBy]),
    detectsVoicemail: agent.voicemail_option !== null && agent.voicemail_option !== undefined,
    ...present({ language: language ?? undefined, opening: openingOf(answersBy) }),
  };
}

function enginePath(engine: NonNullable<z.output<typeof agentReading>["response_engine"]>): string | undefined {
  const { llm_id: llmId, conversation_flow_id: flowId, version } = engine;
  const query = version === null || version === undefined ? "" : `?version=${version}`;
  if (llmId) return `/get-retell-llm/${encodeURIComponent(llmId)}${query}`;
  if (flowId) return `/get-conversation-flow/${encodeURIComponent(flowId)}${query}`;
  // An engine of the user's own, whose texts Retell does not know.
  return undefined;
}

/** Filled in by Retell itself (https://docs.retellai.com/build/dynamic-variables). */
const ownVariables =
  /^(current_.*|previous_agent_state|session_(type|duration)|direction|user_number|agent_number|call_(id|type)|chat_id)$/;

/** Names with defaults, and those in double braces in any text. */
function variablesIn(bodies: readonly unknown[]): readonly string[] {
  const defaults = bodies.flatMap((body) => {
    const given = isObject(body) ? body["default_dynamic_variables"] : undefined;
    return isObject(given) ? Object.keys(given) : [];
  });
  return [...new Set([...defaults, ...namesInBraces(bodies)])].filter((name) => !ownVariables.test(name));
}

function openingOf(answersBy: unknown): string | undefined {
  const text = isObject(answersBy) ? answersBy["begin_message"] : undefined;
  return typeof text === "string" && text !== "" ? text : undefined;
}

const numberReading = z.object({ phone_number: z.string().min(1), nickname: maybeText });

export async function readNumbers(read: Read): Promise<readonly CallerId[]> {
  const rows = await readAll(read, (query) => ({ method: "GET", path: `/v2/list-phone-numbers?${query}` }));
  return rows.map((row) => {
    const { phone_number: phoneNumber, nickname } = numberReading.parse(row);
    return { phoneNumber, ...present({ nickname: nickname || undefined }) };
  });
}
