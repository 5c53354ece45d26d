import type { BatchPlan } from "../../domain/batch/plan.ts";

/** What to say of a batch that ends by an answer which its calls are not told to find out. An agent may find it out by its own settings. */
export function stopAnswerWarnings({
  rules: { stopWhen },
  answersWanted = [],
}: Pick<BatchPlan, "rules" | "answersWanted">): readonly string[] {
  const answer = stopWhen?.answer;
  if (answer === undefined || answersWanted.some(({ name }) => name === answer)) return [];
  const name = JSON.stringify(answer);
  const asked = answersWanted.map((wanted) => JSON.stringify(wanted.name)).join(", ");
  const names = asked === "" ? "" : ` It names ${asked}.`;
  return [
    `stop_when counts the answer ${name}, and answers_wanted does not ask for it: unless the agent finds out ${name} by its own settings at the platform, nobody ever has that answer and it does not end the batch.${names} Add {name: ${name}, meaning} to answers_wanted, or count a name that is there.`,
  ];
}
