import { z } from "zod";
import { isObject } from "../../../../contract/envelope.ts";
import { maybeFlag, maybeText, present } from "../../../../contract/fields.ts";
import { Problem } from "../../../../domain/problem.ts";
import type { PlatformAgent, PlatformNumber } from "../platform.ts";
import { namesInBraces } from "../variables.ts";
import { type Read, readPages } from "./pages.ts";

const assistants = z.object({
  data: z.array(
    z.object({
      id: z.string().min(1),
      name: maybeText,
      instructions: maybeText,
      greeting: maybeText,
      dynamic_variables: z.unknown().optional(),
    }),
  ),
});

/** Every assistant, with the variables that it declares or names in its texts. Mailboxes are told with every call. */
export async function readAssistants(read: Read): Promise<readonly PlatformAgent[]> {
  const { data } = assistants.parse(await read({ method: "GET", path: "/ai/assistants" }));
  return data.map(({ id, name, instructions, greeting, dynamic_variables: declared }) => {
    const names = [...(isObject(declared) ? Object.keys(declared) : []), ...namesInBraces([instructions, greeting])];
    return {
      agentId: id,
      name: name || id,
      variables: [...new Set(names)].filter((variable) => !ownVariables.test(variable)),
      detectsVoicemail: true,
      // Telnyx' word for a greeting that the model makes up.
      ...present({ opening: greeting && !greeting.startsWith("<") ? greeting : undefined }),
    };
  });
}

/** Filled in by Telnyx itself (https://developers.telnyx.com/docs/inference/ai-assistants/dynamic-variables). */
const ownVariables = /^telnyx_/;

const application = z.object({ id: z.string().min(1), application_name: maybeText, active: maybeFlag });
type Application = z.output<typeof application>;

const numberReading = z.object({
  phone_number: z.string().min(1),
  status: maybeText,
  connection_id: maybeText,
  customer_reference: maybeText,
});

/**
 * The numbers that calls can be made from, each with the Call Control application that makes them: the only one of the account, or the
 * one that the number is assigned to. Throws a `Problem` that names the applications where none is told by either.
 */
export async function readNumbers(read: Read): Promise<readonly PlatformNumber[]> {
  const [apps, rows] = await Promise.all([
    readPages(read, "/call_control_applications"),
    readPages(read, "/phone_numbers"),
  ]);
  const usable = z
    .array(application)
    .parse(apps)
    .filter(({ active }) => active !== false);
  const numbers = z
    .array(numberReading)
    .parse(rows)
    .filter(({ status }) => status === "active");
  const [only] = usable.length === 1 ? usable : [];
  const found = numbers.flatMap(({ phone_number: phoneNumber, connection_id, customer_reference }) => {
    const app = only ?? usable.find(({ id }) => id === connection_id);
    return app ? [{ phoneNumber, id: app.id, ...present({ nickname: customer_reference || undefined }) }] : [];
  });
  if (usable.length === 0 || (numbers.length > 0 && found.length === 0))
    throw new Problem("unavailable", withoutApplication(usable));
  return found;
}

function withoutApplication(usable: readonly Application[]): string {
  if (usable.length === 0)
    return "The Telnyx account has no active Call Control application, and calls are made through one. Create one there, with an outbound voice profile.";
  const named = usable.map(({ id, application_name: name }) => (name ? `${name} (${id})` : id)).join(", ");
  return `The Telnyx account has ${usable.length} Call Control applications, ${named}, and none of its numbers is assigned to one of them. Assign each caller id there to the application that is to make its calls.`;
}
