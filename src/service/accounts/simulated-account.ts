import type { AgentRecord, PhoneNumberRecord } from "../../contract/account.ts";

/** What an organization has besides batches: its voice agents and the numbers it may call from. */
export type CarrierAccount = {
  readonly agents: readonly AgentRecord[];
  readonly phoneNumbers: readonly PhoneNumberRecord[];
};

const createdAt = new Date("2026-01-05T09:00:00Z");

/**
 * The account of every organization in the simulated environment. The agents and numbers of the API's two create pages
 * are in it, so that both pages' example bodies are accepted as they stand.
 */
export const simulatedAccount: CarrierAccount = {
  agents: [
    agent(
      "agent_7ff47846-c8a0-4304-ae13-88cfc31c1a03",
      "Q1 sales outreach",
      "en-US",
      "Hi {{first_name}} {{last_name}}, I am calling for {{company}}. Is this a good moment?",
    ),
    agent(
      "agent_90412a2c-fb63-418f-af25-8ecc1bdcc16e",
      "Delivery slot confirmation",
      "en-IN",
      "Hello {{name}}, your order {{order_id}} is planned for {{scheduleddate}} from {{branchname}} to {{address}}, {{cityname}}. Does that suit you?",
    ),
    agent(
      "agent_5d0c1f6e-2b7a-4c55-9f0e-6a1d3b8e4c21",
      "Appointment reminder",
      "en-US",
      "Hello {{first_name}}, this is a reminder of your appointment on {{appointment_date}} at {{appointment_time}}. Can you make it?",
    ),
    agent(
      "agent_c3a9e7d4-8f16-4b0d-a2c8-1e5f7b9d6034",
      "Customer satisfaction survey",
      "en-GB",
      "Hello {{first_name}}, thank you for your order {{order_id}}. May I ask you two short questions about it?",
    ),
  ],
  phoneNumbers: [
    { phoneNumber: "+14155550100", nickname: "Main line, San Francisco" },
    { phoneNumber: "+12125550142", nickname: "East coast, New York" },
    { phoneNumber: "+442079460018", nickname: "London office" },
    { phoneNumber: "+14157774444", nickname: "Sales campaigns" },
    { phoneNumber: "+918035315547", nickname: "Bengaluru support" },
  ],
};

/** The variables that an agent expects are the placeholders of its first sentence. */
function agent(agentId: string, name: string, language: string, beginMessage: string): AgentRecord {
  const placeholders = [...beginMessage.matchAll(/{{(\w+)}}/g)].flatMap(([, placeholder]) => placeholder ?? []);
  return { agentId, name, language, variables: [...new Set(placeholders)], opening: beginMessage, createdAt };
}
