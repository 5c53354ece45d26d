import { addedAnswer, checkAnswer, doNotCallListAnswer, enveloped, removedAnswer } from "../../../contract/answers.ts";
import {
  addDoNotCallBody,
  doNotCallNumbersBody,
  fromListDoNotCallQuery,
  listDoNotCallQuery,
  toCheckBody,
  toDoNotCallListBody,
  toNewEntries,
} from "../../../contract/do-not-call.ts";
import { parseWith } from "../../../contract/fields.ts";
import type { NewDoNotCallEntry } from "../../../contract/records.ts";
import { routes } from "../../../contract/routes.ts";
import { parseEveryReading } from "../../../domain/phone/phone-number.ts";
import { isIssue } from "../../../domain/problem.ts";
import { invalid } from "../../batches/index.ts";
import { accept, success } from "../exchange.ts";
import { endpoint, type RestEndpoint } from "../rest-endpoint.ts";

const tag = "Do-not-call list";

export const doNotCallEndpoints: readonly RestEndpoint[] = [
  endpoint({
    route: routes.listDoNotCall,
    operationId: "listDoNotCall",
    tag,
    summary: "List the numbers that are never called, newest first",
    description: "20 a page unless a limit is given.",
    query: listDoNotCallQuery,
    answer: enveloped(doNotCallListAnswer),
    refusals: [400],
    async run({ organizationId, query }, { store }) {
      const page = accept(fromListDoNotCallQuery(query));
      const found = await store.listDoNotCall(organizationId, page);
      return success("Do-not-call list retrieved successfully", toDoNotCallListBody(found, page));
    },
  }),
  endpoint({
    route: routes.addDoNotCall,
    operationId: "addDoNotCall",
    tag,
    summary: "Add numbers to the do-not-call list",
    description:
      "A number that can be nobody's is refused by name, and nothing is stored then. What was said of a number first stays; an entry of which nothing was said takes what is said later. Whoever waits under one of the numbers is dropped from every batch at once, for good. The list is looked at again when a batch is created and before every dial. Once the answer is out, no dial to these numbers starts.",
    body: { schema: addDoNotCallBody, isRequired: true },
    answer: enveloped(addedAnswer),
    refusals: [400, 413],
    async run({ organizationId, body }, { store, clock, dialing }) {
      const sent = accept(parseWith(addDoNotCallBody, body));
      const entries = requireSubscribers(toNewEntries(sent), sent.numbers?.length ?? 0);
      const { added, batchIds } = await store.addDoNotCall(organizationId, entries, clock.now());
      if (batchIds.length > 0) await store.completeFinished(clock.now());
      const numbers = entries.map(({ phoneNumber }) => phoneNumber);
      const onTheirWay = await store.batchesThatDial(organizationId, numbers);
      await Promise.all(onTheirWay.map((id) => dialing.settled(id)));
      return success("Do-not-call list updated successfully", { added });
    },
  }),
  endpoint({
    route: routes.removeDoNotCall,
    operationId: "removeDoNotCall",
    tag,
    summary: "Take numbers off the do-not-call list",
    body: { schema: doNotCallNumbersBody, isRequired: true },
    answer: enveloped(removedAnswer),
    refusals: [400, 413],
    async run({ organizationId, body }, { store }) {
      const { numbers } = accept(parseWith(doNotCallNumbersBody, body));
      return success("Do-not-call list updated successfully", {
        removed: await store.removeDoNotCall(organizationId, numbers),
      });
    },
  }),
  endpoint({
    route: routes.findDoNotCall,
    operationId: "checkDoNotCall",
    tag,
    summary: "Tell which of the numbers are on the do-not-call list",
    body: { schema: doNotCallNumbersBody, isRequired: true },
    answer: enveloped(checkAnswer),
    refusals: [400, 413],
    async run({ organizationId, body }, { store }) {
      const { numbers } = accept(parseWith(doNotCallNumbersBody, body));
      const entries = await store.readDoNotCall(organizationId, numbers);
      return success("Do-not-call list checked successfully", toCheckBody(entries));
    },
  }),
];

/** What is stored must be what a call would be made to, or it protects nobody. Throws for numbers that are nobody's. The first `alike` came as `numbers`. */
function requireSubscribers(entries: readonly NewDoNotCallEntry[], alike: number): readonly NewDoNotCallEntry[] {
  const parsed = entries.map(({ phoneNumber }, index) => {
    const field = index < alike ? `numbers[${index}]` : `entries[${index - alike}].phone_number`;
    return parseEveryReading(phoneNumber, undefined, field);
  });
  const refused = parsed.filter(isIssue);
  if (refused.length > 0) throw invalid(...refused);
  return entries.flatMap((entry, index) => {
    const numbers = parsed[index] ?? [];
    // As it came as well: a batch that came by REST may have a number in a form that its country has retired.
    const all = isIssue(numbers) ? [] : new Set([...numbers, entry.phoneNumber]);
    return Array.from(all, (phoneNumber) => ({ ...entry, phoneNumber }));
  });
}
