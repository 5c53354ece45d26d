type Variables = Readonly<Record<string, unknown>>;

export type Conversation = { readonly transcript: string; readonly summary: string };

const nameKeys = ["first_name", "firstname", "customer_name", "name", "full_name"];

/** What was said in a simulated call that was answered: a greeting by name, what the list says of the person, a goodbye. */
export function converse(variables: Variables): Conversation {
  const name = findName(variables);
  const facts = Object.entries(variables)
    .filter(([key, value]) => !isNameKey(key) && isTellable(value))
    .slice(0, 3);
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
