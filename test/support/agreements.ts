import type { Json, ServiceWorld } from "./service-world.ts";

const dayMs = 24 * 60 * 60_000;

let questions = 0;

/** What a person agreed to of a batch as it is. */
export async function agreementTo(world: ServiceWorld, id: string, others: Json = {}): Promise<Json> {
  const { content_digest, total, max_attempts } = await world.batch(id);
  const by = { channel: "page", principal: "somebody", approval_id: `question_${++questions}` };
  const last_timestamp = world.clock.now().getTime() + 7 * dayMs;
  return { content_digest, ...by, max_recipients: total, max_attempts, last_timestamp, ...others };
}
