import type { Guard } from "./engine-guards.ts";

const reader = "src/tools/arguments/lenient-input.ts";
const reading = ["test/tools/lenient-input.test.ts"];
const names = ["test/tools/named-accounts.test.ts"];
const accounts = "src/tools/rules/account-names.ts";

/** What keeps a lenient reading from meaning other people or another time than was written, and what cannot be read from ending the server. */
export const doorGuards: readonly Guard[] = [
  {
    name: "door: what stands for an id and is no JSON does not end the server",
    file: "src/mcp/frames.ts",
    find: "parseJson(found[1])",
    replace: "JSON.parse(found[1])",
    tests: ["test/mcp/frames.test.ts"],
  },
  {
    name: "door: names that every object has are arguments and variables like others",
    file: "src/domain/field-named.ts",
    find: "Object.hasOwn(fields, name) ? fields[name] : undefined",
    replace: "fields[name]",
    tests: ["test/tools/bad-input.test.ts"],
  },
  {
    name: "door: an id with half of a character in it is not found",
    file: "src/contract/routes.ts",
    find: "|\\p{Surrogate}/u",
    replace: "/u",
    tests: ["test/contract/contradictions.test.ts"],
  },
  {
    name: "door: an id too long for an address is not found",
    file: "src/contract/routes.ts",
    find: " || id.length > longestId",
    replace: "",
    tests: ["test/contract/contradictions.test.ts"],
  },
  {
    name: "door: a stream of events leaves the end of the connection to the client",
    file: "src/mcp/http-exchange.ts",
    find: 'response.headers.delete("Connection");',
    replace: "",
    tests: ["test/mcp/http-doors.test.ts"],
  },
  {
    name: "door: a whole number far too large is told its own limit",
    file: "src/domain/own-limits.ts",
    find: "!wide.includes(issue) || !isToldBeside(issue)",
    replace: "issues.includes(issue) || !isToldBeside(issue)",
    tests: ["test/tools/parse-input.test.ts"],
  },
  {
    name: "door: two names of one argument with two values are refused",
    file: reader,
    find: "if (!schema || (name !== own && isSaidOtherwise(entry)))",
    replace: "if (!schema)",
    tests: reading,
  },
  {
    name: "door: a number that JSON has rounded is not read as a text",
    file: reader,
    find: 'return typeof value === "number" && Math.abs(value) <= Number.MAX_SAFE_INTEGER && !String(value).includes("e");',
    replace: 'return typeof value === "number";',
    tests: reading,
  },
  {
    name: "door: only what hosts are known to add is dropped",
    file: reader,
    find: "known.has(name) || !hostFields.has(name)",
    replace: "known.has(name)",
    tests: reading,
  },
  {
    name: "door: what a host adds is an argument where the tool has it",
    file: reader,
    find: "known.has(name) || !hostFields.has(name)",
    replace: "!hostFields.has(name)",
    tests: reading,
  },
  {
    name: "door: an agent is taken by its name only where one alone has it",
    file: accounts,
    find: "if (agent && !other) return getAgent",
    replace: "if (agent) return getAgent",
    tests: names,
  },
  {
    name: "door: a caller id is taken by its name only where one alone has it",
    file: accounts,
    find: "return number && !other ? number.phoneNumber : given;",
    replace: "return number ? number.phoneNumber : given;",
    tests: names,
  },
  {
    name: "door: a suggestion does not say the opposite",
    file: "src/tools/arguments/unknown-argument.ts",
    find: "return isOpposite || isNegated(key, near) ? undefined : near;",
    replace: "return near;",
    tests: ["test/tools/wrong-calls.test.ts"],
  },
];
