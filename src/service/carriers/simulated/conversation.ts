import type { Answer, AnswerWanted } from "../../../domain/batch/answers.ts";
import type { Said } from "../../../domain/said.ts";

type Variables = Readonly<Record<string, unknown>>;

export type Conversation = {
  readonly transcript: string;
  readonly summary: string;
  readonly answers?: readonly Answer[];
};

/** What is asked in a call, and a number from 0 to 1 by which each answer is drawn. */
export type Questions = { readonly wanted: readonly AnswerWanted[]; readonly draw: (name: string) => number };

const nameKeys = ["first_name", "firstname", "customer_name", "name", "full_name"];

/** What was said in a simulated call that was answered: a greeting by name, what the list says of the person, a goodbye. */
export function converse(variables: Variables, said: Said = {}, questions: Questions = noQuestions): Conversation {
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
  const answered = questions.wanted.map((wanted) => reply(wanted, questions.draw(wanted.name)));
  const lines = [
    `Agent: Hello${name ? ` ${name}` : ""}, this is a simulated call. Do you have a minute?`,
    "Recipient: Yes, go ahead.",
    `Agent: ${facts.length > 0 ? `I am calling with this on my list: ${facts.map(toWords).join(", ")}. Is that right?` : "I only wanted to see whether this number reaches you."}`,
    "Recipient: Yes, that is right.",
    ...answered.flatMap(({ meaning, reply }) => [`Agent: ${meaning}`, `Recipient: ${reply}`]),
    "Agent: Thank you, that is all. Goodbye.",
  ];
  const answers = answered.flatMap(({ answer }) => answer ?? []);
  const confirmed =
    facts.length > 0 ? `confirmed ${facts.map(([key]) => spaced(key)).join(", ")}` : "confirmed the number";
  return {
    transcript: lines.join("\n"),
    summary: `Simulated call: ${name ?? "the recipient"} answered and ${confirmed}.`,
    ...(answers.length > 0 && { answers }),
  };
}

const noQuestions: Questions = { wanted: [], draw: () => 0 };
/** Of those who are asked. */
const evasive = 0.12;
const anyChoice = ["yes", "no", "not sure"];

/** One of the choices, the first more often than the others; some people answer something else. */
function reply({ name, meaning, choices = anyChoice }: AnswerWanted, fraction: number) {
  if (fraction < evasive) return { meaning, reply: "I would rather not say." };
  const place = ((fraction - evasive) / (1 - evasive)) ** 2;
  const value = choices[Math.floor(place * choices.length)] ?? "yes";
  const said = `I would say: ${value}.`;
  return { meaning, reply: said, answer: { name, value, quote: said } };
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
