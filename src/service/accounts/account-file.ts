import { readFile, stat } from "node:fs/promises";
import { z } from "zod";
import { e164Shape, parseWith } from "../../contract/fields.ts";
import { Problem } from "../../domain/problem.ts";
import { errorCode } from "../../lib/system.ts";
import type { CarrierAccount } from "./simulated-account.ts";

const accountFile = z.object({
  agents: z
    .array(
      z.object({
        agent_id: z.string().min(1),
        agent_name: z.string().min(1),
        language: z.string().min(1).default("en-US"),
        variables: z.array(z.string()).default([]),
        begin_message: z.string().optional(),
      }),
    )
    .min(1),
  phone_numbers: z.array(z.object({ phone_number: e164Shape, nickname: z.string().default("") })).min(1),
});

const shape =
  '{"agents": [{"agent_id": "agent_1", "agent_name": "Reminders", "language": "en-US", "variables": ["first_name"]}], "phone_numbers": [{"phone_number": "+14155550100", "nickname": "Main line"}]}';

/**
 * The agents and caller ids that real calls can be placed with, from a JSON file of the operator. Throws a `Problem`
 * that shows the shape when the file is missing or wrong.
 */
export async function loadAccount(path: string): Promise<CarrierAccount> {
  const parsed = parseWith(accountFile, await readJson(path));
  if (!parsed.ok) throw unusable(path, parsed.issues.map(({ field, message }) => `${field}: ${message}`).join(" "));
  const createdAt = (await stat(path)).mtime;
  return {
    agents: parsed.value.agents.map((agent) => ({
      agentId: agent.agent_id,
      name: agent.agent_name,
      language: agent.language,
      variables: agent.variables,
      ...(agent.begin_message !== undefined && { opening: agent.begin_message }),
      createdAt,
    })),
    phoneNumbers: parsed.value.phone_numbers.map((row) => ({ phoneNumber: row.phone_number, nickname: row.nickname })),
  };
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    if (cause instanceof SyntaxError) throw unusable(path, "It is not valid JSON.", cause);
    const code = errorCode(cause);
    throw unusable(path, code === "ENOENT" ? "There is no such file." : `It cannot be read (${code}).`, cause);
  }
}

function unusable(path: string, why: string, cause?: unknown): Problem {
  const message = `Real calls need the agents and caller ids of your telephony in ${path}. ${why} Write it like this: ${shape}`;
  return new Problem("unavailable", message, { cause });
}
