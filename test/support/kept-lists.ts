import { parsePhoneNumber } from "../../src/domain/phone/phone-number.ts";
import { isIssue } from "../../src/domain/problem.ts";
import type { Lists } from "../../src/lists/lists.ts";

/** Lists of a test by their id, each the numbers that are on it, as far as a change of a batch asks for them. */
export class KeptLists {
  readonly #lists = new Map<string, readonly string[]>();
  /** What was linked to a batch. */
  readonly linked: string[] = [];

  keep(listId: string, numbers: readonly string[]): string {
    this.#lists.set(listId, numbers);
    return listId;
  }

  get asLists(): Lists {
    const known: Partial<Lists> = {
      get: async () => Object.create(null),
      settle: async () => Object.create(null),
      recipients: async (listId) => (this.#lists.get(listId) ?? []).map(toRecipient),
      link: async (listId, batchId) => void this.linked.push(`${listId} ${batchId}`),
    };
    // Safe: nothing else of it is asked for here.
    return known as Lists;
  }
}

function toRecipient(text: string, index: number) {
  const number = parsePhoneNumber(text);
  if (isIssue(number)) throw new Error(`${text} is no number`);
  const { e164: toNumber, ...told } = number;
  return { row: index + 1, toNumber, ...told, variables: { first_name: `P${index}` } };
}
