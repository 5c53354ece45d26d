import type { Guard } from "./engine-guards.ts";

const store = "test/service/store/dialing-store.test.ts";
const choice = "src/domain/batch/caller-ids.ts";
const chosen = "test/domain/batch/caller-ids.test.ts";
const tools = "test/tools/more-from-numbers.test.ts";

/** From which number somebody is called. */
export const callerIdGuards: readonly Guard[] = [
  {
    name: "nobody is called from abroad while there is a caller id of their country",
    file: choice,
    find: "country === home",
    replace: "country <= home",
    tests: [chosen, store],
  },
  {
    name: "who is called again is called from the same number",
    file: choice,
    find: "if (stays) return [stays.callerId];",
    replace: "",
    tests: [chosen, store],
  },
  {
    name: "a start counts for the caller id that it is made from",
    file: "src/service/store/allocate-slots.ts",
    find: "starts.add(fromNumber, now);",
    replace: "starts.add(batch.fromNumber, now);",
    tests: ["test/service/store/allocate-slots.test.ts", store],
  },
  {
    name: "a caller id that the account does not have is left out of its batch",
    file: choice,
    find: "return since === undefined || since > now.getTime() || now.getTime() - since >= leftOutMs;",
    replace: "return since !== undefined || true;",
    tests: [chosen, store],
  },
  {
    name: "every process leaves it out, and not only the one whose call was refused",
    file: "src/service/store/rows.ts",
    find: "batch.goneCallerIds ? JSON.stringify(batch.goneCallerIds) : null",
    replace: "null",
    tests: [store],
  },
  {
    name: "a caller id that was refused before all of them were tried again is left out for no refusal of then",
    file: choice,
    find: "claimedAt.getTime() < triedAgainAt || ",
    replace: "",
    tests: [chosen],
  },
  {
    name: "all caller ids are tried again when a batch is resumed",
    file: "src/service/store/shared/batches.ts",
    find: "if (isPaused === false) return true;",
    replace: "",
    tests: [store],
  },
  {
    name: "what is left out is told of no batch that got other caller ids",
    file: "src/service/store/shared/batches.ts",
    find: "return rules !== undefined && !isDeepStrictEqual(rules.moreFromNumbers, before.rules.moreFromNumbers);",
    replace: "return false;",
    tests: [store],
  },
  {
    name: "a caller id that the account has again is told to be gone no more",
    file: "src/service/dialing/attempts.ts",
    find: "if (goneFromNumbers(batch)?.includes(attempt.fromNumber))",
    replace: "if (goneFromNumbers(batch)?.includes(attempt.callId))",
    tests: [store],
  },
  {
    name: "whoever reads a batch is told which of its caller ids its account does not have",
    file: "src/contract/batch/batch.ts",
    find: "      gone_from_numbers: goneFromNumbers(batch),\n",
    replace: "",
    tests: [tools],
  },
  {
    name: "a refusal of the hosted API is one of the caller id only where its account has it not",
    file: "src/service/carriers/hosted/send-wave.ts",
    find: "isOwn(phoneNumber) === undefined);",
    replace: "isOwn(phoneNumber) !== undefined);",
    tests: ["test/service/carriers/carrier-hosted.test.ts"],
  },
  {
    name: "a batch without a caller id that is left is held",
    file: "src/service/store/shared/batches.ts",
    find: "const isLast = usableCallerIds({ ...batch, goneCallerIds }, now).length === 0;",
    replace: "const isLast = usableCallerIds({ ...batch, goneCallerIds }, now).length < 0;",
    tests: [store],
  },
  {
    name: "more caller ids are the account's own",
    file: "src/service/batches/batches.ts",
    find: "if (isUnknown(number)) issues.push(unknown(`more",
    replace: "if (!number) issues.push(unknown(`more",
    tests: ["test/service/rest/app-caller-ids.test.ts"],
  },
  {
    name: "a batch does not call the number of a caller id that joins it",
    file: "src/service/batches/batch-edits.ts",
    find: "refuseCallers(callerIds, rows);",
    replace: "",
    tests: ["test/service/rest/app-caller-ids.test.ts"],
  },
  {
    name: "an API without extensions is sent no caller ids besides the first",
    file: "src/tools/rules/caller-ids-input.ts",
    find: "if (await api.hasBrake()) return;",
    replace: "if ((await api.hasBrake()) || true) return;",
    tests: [tools],
  },
  {
    name: "a person agrees to all caller ids, and reads them",
    file: "src/campaigns/start/summarize-start.ts",
    find: "...(callerIds && { callerIds }),",
    replace: "",
    tests: [tools],
  },
];
