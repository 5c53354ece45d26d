import type { BatchCallApi, VoiceAgent } from "../../client/api.ts";
import { Problem } from "../../domain/problem.ts";

/** The agent with that id, with its variables; undefined when the account has none. */
export async function findAgent(agentId: string, api: BatchCallApi): Promise<VoiceAgent | undefined> {
  try {
    return await api.getAgent(agentId);
  } catch (error) {
    if (error instanceof Problem && error.code === "not_found") return undefined;
    throw error;
  }
}
