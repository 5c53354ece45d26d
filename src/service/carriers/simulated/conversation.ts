import type { Said } from "../../../domain/said.ts";

type Variables = Readonly<Record<string, unknown>>;

export type Conversation = { readonly transcript: string; readonly summary: string };

const nameKeys = ["first_name", "firstname", "customer_name", "name", "full_name"];

/** What was said in a simulated call that was answered: a greeting by name, what the list says of the person, a goodbye. */
export function converse(variables: Variables, said: Said = {}): Conversation {
  const name = findName(variables);
  const facts = Object.entries(variables)
    .filter(([key, value]) => !isNameKey(key) && isTellable(value))
    .slice(0, 3);
  const wish = wishOf(said);
  if (wish) {
    const greeting = `Agent: Hello${name ? ` ${name}` : ""}, this is a simulated call. Do you have a minute?`;
    const transcript = [greeting, `Recipient: ${wish.words}`, "Agent: I see, thank you. Goodbye."].join("\n");
    return { transcript, summary: `Simulated call: ${wish.summary}` };
  }
  const lines = [
    `Agent: Hello${name ? ` ${name}` : ""}, this is a simulated call. Do you have a minute?`,
    "Recipient: Yes, go ahead.",
    `Agent: ${facts.length > 0 ? `I am calling with this on my list: ${facts.map(toWords).join(", ")}. Is that right?` : "I only wanted to see whether this number reaches you."}`,
    "Recipient: Yes, that is right.",
    "Agent: Thank you, that is all. Goodbye.",
  ];
  const confirmed =
    facts.length > 0 ? `confirmed ${facts.map(([key]) => spaced(key)).join(", ")}` : "confirmed the number";
  return {
    transcript: lines.join("\n"),
    summary: `Simulated call: ${name ?? "the recipient"} answered and ${confirmed}.`,
  };
}

function wishOf({ optOut, wrongNumber, callBackAt }: Said) {
  if (optOut) return { words: "Please do not call me any more.", summary: "they asked not to be called again." };
  if (wrongNumber) return { words: "You have the wrong number.", summary: "somebody else answered; a wrong number." };
  if (callBackAt === undefined) return undefined;
  return {
    words: "Not now. Can you call again in two hours?",
    summary: `they asked to be called back at ${callBackAt}.`,
  };
}

function findName(variables: Variables): string | undefined {
  const names = nameKeys.map((wanted) => Object.entries(variables).find(([key]) => key.toLowerCase() === wanted)?.[1]);
  return names.find((value): value is string => typeof value === "string" && value !== "");
}

function isNameKey(key: string): boolean {
  return nameKeys.includes(key.toLowerCase());
}

function isTellable(value: unknown): boolean {
  return (typeof value === "string" && value !== "") || typeof value === "number";
}

function toWords([key, value]: readonly [string, unknown]): string {
  return `${spaced(key)} ${value}`;
}

function spaced(key: string): string {
  return key.replaceAll("_", " ");
}
