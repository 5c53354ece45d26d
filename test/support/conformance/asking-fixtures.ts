import { CLIENT_CAPABILITIES_META_KEY, inputRequired, type McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";
import { type Asked as AskedBefore, type FormStates, fingerprintFor } from "../../../src/mcp/form-state.ts";
import { addTool, description, type RunFixture, said } from "./content-fixtures.ts";

// What the suite has a server ask of its client between two calls (2026-07-28), with the state that our own forms travel in.

const ask = (message: string, property: string) =>
  inputRequired.elicit({ message, requestedSchema: z.object({ [property]: z.string() }) });

const sample = (words: string, maxTokens: number) =>
  inputRequired.createMessage({
    messages: [{ role: "user", content: { type: "text", text: words } }],
    maxTokens,
  });

const userName = { user_name: ask("What is your name?", "name") };
const question = { capital_question: sample("What is the capital of France?", 100) };
const roots = { client_roots: inputRequired.listRoots() };
const greeting = { greeting: sample("Generate a greeting", 50) };
const confirm = {
  confirm: inputRequired.elicit({ message: "Please confirm", requestedSchema: z.object({ ok: z.boolean() }) }),
};
const step1 = { step1: ask("Step 1: What is your name?", "name") };
const step2 = { step2: ask("Step 2: What is your favorite color?", "color") };

type Asked = NonNullable<Parameters<typeof inputRequired>[0]["inputRequests"]>;

export function addAskingTools(server: McpServer, forms: FormStates): void {
  addTool(server, "test_input_required_result_elicitation", asking(userName));
  addTool(server, "test_streaming_elicitation", asking(userName));
  addTool(server, "test_input_required_result_sampling", asking(question));
  addTool(server, "test_missing_capability", asking(question));
  addTool(server, "test_input_required_result_list_roots", asking(roots));
  addTool(server, "test_input_required_result_capabilities", (context) => {
    const { elicitation, sampling } = declared.parse(context.mcpReq.envelope)[CLIENT_CAPABILITIES_META_KEY];
    return asking({ ...(elicitation && userName), ...(sampling && question) })(context);
  });
  for (const [name, steps] of Object.entries(withState)) addTool(server, name, inSteps(name, steps, forms));
  server.registerPrompt("test_input_required_result_prompt", { description }, ({ mcpReq }) =>
    mcpReq.inputResponses?.["user_context"]
      ? { messages: [{ role: "user", content: { type: "text", text: JSON.stringify(mcpReq.inputResponses) } }] }
      : inputRequired({ inputRequests: { user_context: ask("What context should the prompt use?", "context") } }),
  );
}

const declared = z.object({
  [CLIENT_CAPABILITIES_META_KEY]: z.object({ elicitation: z.object({}), sampling: z.object({}) }).partial(),
});

/** Asks until everything that it asks for is answered. */
function asking(inputRequests: Asked): RunFixture {
  return ({ mcpReq }) => {
    const { inputResponses } = mcpReq;
    const isAnswered = inputResponses && Object.keys(inputRequests).every((name) => name in inputResponses);
    return isAnswered ? said(`Answered: ${JSON.stringify(inputResponses)}`) : inputRequired({ inputRequests });
  };
}

const withState: Readonly<Record<string, readonly [Asked, ...Asked[]]>> = {
  test_input_required_result_request_state: [confirm],
  test_input_required_result_tampered_state: [confirm],
  test_input_required_result_multiple_inputs: [{ ...userName, ...greeting, ...roots }],
  test_input_required_result_multi_round: [step1, step2],
};

/** Asks one step after the other; the state says which step was the last. */
function inSteps(tool: string, steps: readonly [Asked, ...Asked[]], forms: FormStates): RunFixture {
  const call = { principal: "suite", tool, args: {} };
  return async ({ mcpReq }) => {
    const before = mcpReq.requestState<AskedBefore>();
    const done = before === undefined ? 0 : Number(fingerprintFor(call, before));
    const inputRequests = steps[done];
    if (!inputRequests) return said("state-ok");
    return inputRequired({ inputRequests, requestState: await forms.seal(call, String(done + 1)) });
  };
}
