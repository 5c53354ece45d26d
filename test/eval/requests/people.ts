import { numberOf } from "../../support/world.ts";
import type { Person, Step } from "../request.ts";

const names = ["Ann", "Bob", "Cid", "Dee", "Eve", "Fay", "Gus", "Hal", "Ida", "Jon"];

/** Those people, by their places on a list of ten; the first is 1. */
export function people(...places: readonly number[]): readonly Person[] {
  return places.map((place) => ({ Name: names[place - 1] ?? "", Phone: numberOf(place) }));
}

/** Their numbers. */
export function numbers(...places: readonly number[]): readonly string[] {
  return places.map(numberOf);
}

export const mainLine = "+14155550100";
export const eastCoast = "+12125550142";
export const london = "+442079460018";

/** Looks the ids of batches up. */
export const lookUp: Step = { tool: "list_batches" };
/** Looks the ids of agents up. */
export const lookUpAgents: Step = { tool: "list_agents" };
/** Looks the numbers to call from up. */
export const lookUpNumbers: Step = { tool: "list_phone_numbers" };

/** What a batch of appointment reminders from the main line is made with, beside its people. */
export const reminder = {
  agent_id: "@agent:Appointment reminder",
  from_number: mainLine,
  columns: { first_name: "Name" },
};
