import type { BatchCallApi, CallerId, VoiceAgent } from "../../client/api.ts";
import { noAgents, unknownAgent } from "../../domain/batch/plan-batch.ts";
import { parseE164 } from "../../domain/phone/phone-number.ts";
import { type Issue, isIssue, Problem } from "../../domain/problem.ts";
import { plainText } from "../../domain/text.ts";
import { collectPages } from "../arguments/shapes.ts";

/** The agent with that id, or the only one with that name; else an issue that names those there are. */
export async function findAgent(given: string, api: BatchCallApi): Promise<VoiceAgent | Issue> {
  const byId = await getAgent(given, api);
  if (byId) return byId;
  const agents = await collectPages((page) => api.listAgents(page));
  if (agents.length === 0) return noAgents();
  const [agent, other] = agents.filter(({ name }) => isSameName(name, given));
  if (agent && !other) return getAgent(agent.agentId, api).then((whole) => whole ?? agent);
  const named = agents.filter(({ name }) => !other || isSameName(name, given));
  const known = named.map(({ agentId, name }) => `${agentId} (${plainText(name, 60)})`);
  const issue = unknownAgent(given);
  if (other) return { ...issue, message: `Several agents are called that: ${some(known)}. Give the id of one.` };
  return { ...issue, message: `${issue.message} Agents: ${some(known)}.` };
}

/** Undefined where there is none. No id has a space in it, and an API may answer one otherwise than that it does not exist. */
export async function getAgent(id: string, api: BatchCallApi): Promise<VoiceAgent | undefined> {
  if (/\s/.test(id)) return undefined;
  try {
    return await api.getAgent(id);
  } catch (error) {
    if (error instanceof Problem && error.code === "not_found") return undefined;
    throw error;
  }
}

/** The number to call from: what is given, or the number of the account that alone is called so. */
export function findCallerId(given: string, numbers: readonly CallerId[], country: string | undefined): string {
  if (!isIssue(parseE164(given, country, "from_number"))) return given;
  const [number, other] = numbers.filter(({ nickname }) => nickname !== undefined && isSameName(nickname, given));
  return number && !other ? number.phoneNumber : given;
}

function isSameName(name: string, given: string): boolean {
  return fold(name) === fold(given);
}

function fold(name: string): string {
  return name.normalize("NFKC").trim().replace(/\s+/g, " ").toLowerCase();
}

const mostNamed = 5;

function some(known: readonly string[]): string {
  const more = known.length - mostNamed;
  return `${known.slice(0, mostNamed).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
