import type { Guard } from "./engine-guards.ts";

const suite = "test/service/store/dialing-store.test.ts";
const onServer = "test/service/store/postgres-locks.test.ts";
const said = "test/domain/said.test.ts";
const reports = "test/service/carriers/carrier-http-reports.test.ts";
const voicemail = "test/service/rest/app-voicemail.test.ts";

/** What acts upon what people say on the phone. */
export const saidGuards: readonly Guard[] = [
  {
    name: "an opt-out that was said on the phone is acted upon",
    file: "src/service/dialing/record-outcome.ts",
    find: 'if (result !== "unknown" && result.said?.optOut)',
    replace: 'if (result !== "unknown" && result.said?.wrongNumber && result.said.optOut)',
    tests: [suite],
  },
  {
    name: "an opt-out that is told as an answer is acted upon",
    file: "src/service/dialing/record-outcome.ts",
    find: "const said = saidIn(reported);",
    replace: "const said = reported.said;",
    tests: [suite],
  },
  {
    name: "an opt-out lists both numbers of the person",
    file: "src/service/dialing/record-outcome.ts",
    find: "task.fallbackNumber === undefined ? [] : [task.fallbackNumber]",
    replace: "task.fallbackNumber === undefined ? [] : [task.toNumber]",
    tests: [suite],
  },
  {
    name: "a stranger's opt-out lists no number but the one that they answered",
    file: "src/service/dialing/record-outcome.ts",
    find: "const own = said?.wrongNumber",
    replace: "const own = said?.callBackAt",
    tests: [suite],
  },
  {
    name: "an opt-out drops who waits in other batches",
    file: "src/service/store/shared/opt-out.ts",
    find: "new Map(numbers.map((number) => [number,",
    replace: "new Map(numbers.slice(0, 0).map((number) => [number,",
    tests: [suite],
  },
  {
    name: "an opt-out is acted upon once",
    file: "src/service/store/shared/opt-out.ts",
    find: "WHERE token = $1 AND opted_out_at IS NULL`",
    replace: "WHERE token = $1`",
    tests: [suite],
  },
  {
    name: "who drops people holds their batches first, so that a cancel and an opt-out do not wait in a circle",
    file: "src/service/store/shared/drop-listed.ts",
    find: "if (shareBatch) yield",
    replace: 'if (shareBatch === "none") yield',
    tests: [onServer],
  },
  {
    name: "an opt-out drops nobody of another organization",
    file: "src/service/store/shared/drop-listed.ts",
    find: "WHERE organization_id = $1 AND status IN ('draft', 'scheduled', 'sent')",
    replace: "WHERE organization_id <> $1 || '.' AND status IN ('draft', 'scheduled', 'sent')",
    tests: [suite],
  },
  {
    name: "who asked not to be called is not called again, whatever the rules say",
    file: "src/domain/said.ts",
    find: "if (optOut) return",
    replace: "if (optOut && callBackAt) return",
    tests: [suite],
  },
  {
    name: "a wrong number is not called again",
    file: "src/domain/said.ts",
    find: "if (wrongNumber) {",
    replace: "if (wrongNumber && callBackAt) {",
    tests: [suite],
  },
  {
    name: "a call back needs an attempt that was agreed to",
    file: "src/domain/said.ts",
    find: "if (!hasAttempt) return",
    replace: "if (!hasAttempt && !agreedUntil) return",
    tests: [suite],
  },
  {
    name: "nobody is called back after the last minute that was agreed to",
    file: "src/domain/said.ts",
    find: "if (agreedUntil && at >= agreedUntil) return",
    replace: "if (agreedUntil && at >= agreedUntil && !hasAttempt) return",
    tests: [suite],
  },
  {
    name: "nobody is called back at once for a time that has passed",
    file: "src/domain/said.ts",
    find: "if (at < endedAt) return",
    replace: "if (at < endedAt && !hasAttempt) return",
    tests: [suite],
  },
  {
    name: "a local time of somebody in several zones is the last of theirs",
    file: "src/domain/said.ts",
    find: "const known = zones();",
    replace: "const known = zones().slice(0, 1);",
    tests: [said],
  },
  {
    name: "what a bridge tells of an opt-out reaches the service",
    file: "src/contract/bridge.ts",
    find: "readSaid({ opt_out, wrong_number, call_back_at })",
    replace: "readSaid({ wrong_number, call_back_at })",
    tests: [reports],
  },
  {
    name: "nobody is left a message twice",
    file: "src/domain/retry-rules.ts",
    find: "if (attempt.messageLeft) return",
    replace: 'if (attempt.messageLeft && attempt.outcome === "answered") return',
    tests: [voicemail],
  },
  {
    name: "a voicemail that is accepted is not called again",
    file: "src/domain/retry-rules.ts",
    find: 'if (outcome === "voicemail" && rules.voicemail?.mode === "accept")',
    replace: 'if (outcome === "busy" && rules.voicemail?.mode === "accept")',
    tests: [voicemail],
  },
  {
    name: "no message is promised that the carrier cannot leave",
    file: "src/service/batches/batches.ts",
    find: 'if (cannotLeaveMessages && rules.voicemail?.mode === "leave_message")',
    replace: 'if (cannotLeaveMessages && rules.voicemail?.mode === "retry")',
    tests: [voicemail],
  },
  {
    name: "a message with a gap is left to nobody",
    file: "src/domain/voicemail.ts",
    find: 'if (variablesOf(message).some((name) => textOf(name).trim() === "")) return undefined;',
    replace: 'if (message.trim() === "") return undefined;',
    tests: [voicemail],
  },
  {
    name: "an opt-out told in words counts",
    file: "src/domain/said.ts",
    find: 'if (isOptingOut.test(text)) return "yes";',
    replace: "void isOptingOut;",
    tests: ["test/domain/said.test.ts"],
  },
  {
    name: "an answer about an opt-out that can mean either calls for a person",
    file: "src/tools/shared/unheeded-opt-outs.ts",
    find: "if (unclear.length === 0) return undefined;",
    replace: "if (unclear.length >= 0) return undefined;",
    tests: ["test/tools/said-on-the-phone.test.ts"],
  },
];
