import { z } from "zod";
import { isObject, unwrap } from "./envelope.ts";
import { anyCase, givenText, givenTexts, maybeFlag, maybeText, present, sortOrders, toWireTime } from "./fields.ts";
import { type PageQuery, type PageRequest, pagingFields, toPaginationBody } from "./paging.ts";

/** A voice agent as our service knows it. */
export type AgentRecord = {
  readonly agentId: string;
  readonly name: string;
  readonly language: string;
  /** Names of the variables that it expects; absent where nobody says. */
  readonly variables?: readonly string[];
  /** What it says first, with the names of variables in double braces. */
  readonly opening?: string;
  /** False where it never tells a mailbox from a person; absent where nobody says. */
  readonly detectsVoicemail?: boolean;
  readonly createdAt: Date;
};

/** Fields that the API's own pages have; the lists of an account keep the order of its file. */
const accountSortFields = {
  sort_by: givenText().nullish().describe("Taken, and without effect: the list has the order of the account."),
  sort_order: anyCase(sortOrders).nullish().describe("Taken, and without effect."),
};

export const listAgentsQuery = z.object(pagingFields);
/** Body of POST /api/agents, which lists and does not create. */
export const filterAgentsBody = z.strictObject({
  ...pagingFields,
  ...accountSortFields,
  filter_criteria: z.strictObject({ agent_name: givenTexts.nullish() }).nullish(),
});

/** A page of at most 20 agents unless a limit is given. */
export function toAgentListBody(
  organizationId: string,
  agents: readonly AgentRecord[],
  page: PageQuery,
  totalCount: number,
  abilities: Parameters<typeof toAgentBody>[1],
) {
  return {
    organization_id: organizationId,
    // The pages of the API leave out what an agent expects, for which each is asked then.
    agents: agents.map((agent) => toAgentBody(agent, abilities)),
    pagination: toPaginationBody(page, { totalCount }),
    returned_count: agents.length,
  };
}

function toAgentRow(agent: AgentRecord) {
  const createdAt = toWireTime(agent.createdAt);
  return {
    agent_id: agent.agentId,
    agent_name: agent.name,
    language: agent.language,
    created_at: createdAt,
    updated_at: createdAt,
  };
}

/** Data of GET /api/agents/{id}/full. The declared variables stand where the API's own pages show them. */
export function toAgentBody(
  agent: AgentRecord,
  { cannotLeaveMessages }: { readonly cannotLeaveMessages?: boolean } = {},
) {
  return {
    ...toAgentRow(agent),
    ...present({ begin_message: agent.opening }),
    ...(agent.variables && {
      begin_message_variables: [],
      llm_config: { system_message_variables: agent.variables },
    }),
    ...present({ detects_voicemail: agent.detectsVoicemail, leaves_messages: cannotLeaveMessages ? false : undefined }),
  };
}

/** A voice agent as an upstream tells it. */
export type VoiceAgent = {
  readonly agentId: string;
  readonly name: string;
  /** The names that it expects. */
  readonly variables?: readonly string[];
  /** False where it never tells a mailbox from a person; absent where nobody says. */
  readonly detectsVoicemail?: boolean;
  /** False where no call can be told a message for a voicemail; absent where one can, or nobody says. */
  readonly leavesMessages?: boolean;
  /** What it says first; no page of the API documents a field for it, so most do not tell. */
  readonly opening?: string;
};

const names = z.array(z.string()).nullish().catch(undefined);
const agentReading = z.object({
  agent_id: z.string().min(1),
  agent_name: maybeText,
  begin_message: maybeText,
  begin_message_variables: names,
  llm_config: z.object({ system_message_variables: names }).nullish().catch(undefined),
  detects_voicemail: maybeFlag,
  leaves_messages: maybeFlag,
});

/** Reads a row of the agent list or a full agent; undefined when it is neither. */
export function fromAgentBody(body: unknown): VoiceAgent | undefined {
  const data = unwrap(body);
  const reading = agentReading.safeParse(isObject(data) && isObject(data.agent) ? data.agent : data);
  if (!reading.success) return undefined;
  const { agent_id: agentId, agent_name: name, begin_message_variables: greeting, llm_config: model } = reading.data;
  const prompt = model?.system_message_variables;
  const variables = greeting || prompt ? [...new Set([...(greeting ?? []), ...(prompt ?? [])])] : undefined;
  return {
    agentId,
    name: name ?? agentId,
    ...present({
      variables,
      opening: reading.data.begin_message || undefined,
      detectsVoicemail: reading.data.detects_voicemail,
      leavesMessages: reading.data.leaves_messages,
    }),
  };
}

/** Body that asks for a page of agents by part of their name. */
export function toAgentFilterBody(page: PageRequest, name: string): z.input<typeof filterAgentsBody> {
  return { page: page.page, limit: page.limit, filter_criteria: { agent_name: [name] } };
}

/** A number of ours that calls can be placed from. */
export type PhoneNumberRecord = { readonly phoneNumber: string; readonly nickname: string };

export const listPhoneNumbersQuery = z.object(pagingFields);
/** Body of POST /api/phone-numbers/list. A filter that our service does not know is refused. */
export const filterPhoneNumbersBody = z.strictObject({ ...pagingFields, ...accountSortFields });

export function toPhoneNumberListBody(
  organizationId: string,
  numbers: readonly PhoneNumberRecord[],
  page: PageQuery,
  totalCount: number,
) {
  return {
    organization_id: organizationId,
    phone_numbers: numbers.map(({ phoneNumber, nickname }) => ({
      phone_number: phoneNumber,
      nickname,
      phone_number_type: "custom",
    })),
    pagination: toPaginationBody(page, { totalCount }),
    returned_count: numbers.length,
  };
}

export function toPhoneNumberBody({ phoneNumber, nickname }: PhoneNumberRecord) {
  return { phone_number: phoneNumber, nickname, phone_number_type: "custom" };
}

/** A number to call from, as an upstream tells it. */
export type CallerId = { readonly phoneNumber: string; readonly nickname?: string };

const phoneNumberReading = z.object({ phone_number: z.string().min(1), nickname: maybeText });

export function fromPhoneNumberBody(body: unknown): CallerId | undefined {
  const reading = phoneNumberReading.safeParse(body);
  if (!reading.success) return undefined;
  return { phoneNumber: reading.data.phone_number, ...present({ nickname: reading.data.nickname }) };
}
