import type { Guard } from "./engine-guards.ts";

const start = "test/campaigns/start/live-start.test.ts";
const faults = "test/campaigns/start/live-faults.test.ts";
const limits = "test/campaigns/start/live-limits.test.ts";
const book = "test/campaigns/approve/approval-store.test.ts";
const changed = "test/campaigns/start/changed-after-approval.test.ts";
const page = "test/approval-page/one-time-page.test.ts";

const fingerprinted = [
  "numbers: numbers.toSorted()",
  "agentId",
  "fromNumber",
  "timezone",
  "account",
  "environment",
  "time",
];

function sealOf(parts: readonly string[]): string {
  return `return sha256({ ${parts.join(", ")} });`;
}

/** What keeps a launch from ringing the wrong phones. */
export const campaignGuards: readonly Guard[] = [
  {
    name: "a person agrees to every live start",
    file: "src/campaigns/start/live-start.ts",
    find: "const isNew = needsApproval || this.#isChanged(proposal);",
    replace: "const isNew = false;",
    tests: ["test/campaigns/start/live.test.ts", "test/campaigns/adversary.slow.test.ts"],
  },
  {
    name: "an agreement is to one fingerprint",
    file: "src/campaigns/approve/approval-store.ts",
    find: "batch_id = ? AND fingerprint = ? AND approved_at",
    replace: "batch_id = ? AND (fingerprint = ? OR 1) AND approved_at",
    tests: [book],
  },
  {
    name: "what is started is read again and is what was agreed to",
    file: "src/campaigns/start/live-start.ts",
    find: "if (proposal.summary.fingerprint !== fingerprint) {",
    replace: "if (false) {",
    tests: [start],
  },
  {
    name: "an agreement is used once",
    file: "src/campaigns/approve/approval-store.ts",
    find: "voided_at IS NULL AND used_at IS NULL AND",
    replace: "voided_at IS NULL AND",
    tests: [book, start],
  },
  {
    name: "the number of recipients is typed",
    file: "src/campaigns/approve/approval-store.ts",
    find: "if (typedRecipients !== request.summary.recipients) return",
    replace: "if (Number.isNaN(typedRecipients)) return",
    tests: [book, start, "test/campaigns/adversary.slow.test.ts"],
  },
  {
    name: "an agreement ends after 15 minutes",
    file: "src/campaigns/approve/approval-store.ts",
    find: "used_at IS NULL AND expires_at > ?",
    replace: "used_at IS NULL AND ? IS NOT NULL",
    tests: [book],
  },
  {
    name: "a question ends after 15 minutes",
    file: "src/campaigns/approve/approval-store.ts",
    find: 'if (Number(row["expires_at"]) <= now.getTime()) return "expired";',
    replace: "void now;",
    tests: [book, start],
  },
  {
    name: "an edit voids the agreement",
    file: "src/campaigns/start/edits.ts",
    find: 'await revoke(batchId, "The batch was edited.", by);',
    replace: "",
    tests: [start],
  },
  ...fingerprinted.map(
    (part): Guard => ({
      name: `an agreement is to one ${part.split(":")[0]}`,
      file: "src/domain/batch/fingerprint.ts",
      find: sealOf(fingerprinted),
      replace: sealOf(fingerprinted.filter((other) => other !== part)),
      tests: ["test/domain/batch/fingerprint.test.ts", changed],
    }),
  ),
  {
    name: "stop-all refuses every launch",
    file: "src/campaigns/start/live-start.ts",
    find: "if (killSwitch.isOn()) throw stoppedByKillSwitch();",
    replace: "void killSwitch;",
    tests: [limits],
  },
  {
    name: "limits hold after the agreement too",
    file: "src/campaigns/start/live-start.ts",
    find: "    this.#refuseByLimits(proposal);\n    const approval",
    replace: "    const approval",
    tests: [limits],
  },
  {
    name: "limit: not the caller's own number",
    file: "src/campaigns/limits/check-limits.ts",
    find: "...callerIssues(callable, launch),",
    replace: "",
    tests: ["test/tools/forbidden-numbers.test.ts"],
  },
  {
    name: "limit: countries",
    file: "src/domain/start-policy.ts",
    find: "if (country === undefined || !policy.countries.includes(country)) {",
    replace: "if (policy.countries.length > 1000) {",
    tests: [limits, "test/tools/forbidden-numbers.test.ts"],
  },
  {
    name: "limit: kinds of numbers",
    file: "src/domain/start-policy.ts",
    find: "if (policy.types.includes(type)) return undefined;",
    replace: "if (type !== undefined) return undefined;",
    tests: [limits, "test/tools/forbidden-numbers.test.ts"],
  },
  {
    name: "limit: recipients of a launch",
    file: "src/domain/start-policy.ts",
    find: '    violation("recipients_per_launch", maxRecipientsPerStart, 0, recipients),\n',
    replace: "",
    tests: [limits],
  },
  {
    name: "limit: recipients of a day",
    file: "src/domain/start-policy.ts",
    find: '    violation("recipients_per_day", maxRecipientsPerDay, startedToday, recipients),\n',
    replace: "",
    tests: [limits],
  },
  {
    name: "limit: spend of a day",
    file: "src/domain/start-policy.ts",
    find: "    spend &&\n      violation(",
    replace: "    spend && recipients < 0 &&\n      violation(",
    tests: [limits],
  },
  {
    name: "limit: calling hours",
    file: "src/campaigns/limits/check-limits.ts",
    find: "...(launch.ringsAt ? hoursIssues",
    replace: "...(launch.ringsAt && numbers.length < 0 ? hoursIssues",
    tests: [limits],
  },
  {
    name: "limit: one batch a number and day",
    file: "src/campaigns/limits/check-limits.ts",
    find: '    ...countIssue(facts.calledNear, "called_within_a_day", calledWithinADay),\n',
    replace: "",
    tests: [limits],
  },
  {
    name: "limit: do-not-call list",
    file: "src/campaigns/limits/check-limits.ts",
    find: '    ...countIssue(facts.doNotCall, "do_not_call", onDoNotCallList),\n',
    replace: "",
    tests: [limits],
  },
  {
    name: "limit: hours are sent along to an API that is not ours",
    file: "src/campaigns/create/apply-calling-hours.ts",
    find: "return quietHours.enabled ? { ...plan, rules: { ...rules, quietHours } } : plan;",
    replace: "return quietHours ? plan : plan;",
    tests: [limits],
  },
  {
    name: "a batch is created as a draft",
    file: "src/contract/batch/create-batch.ts",
    find: '    status: "draft",',
    replace: '    status: "scheduled",',
    tests: ["test/campaigns/start/live.test.ts", "test/contract/written-and-read.test.ts"],
  },
  {
    name: "a draft is compared with what was sent",
    file: "src/campaigns/create/create-draft.ts",
    find: "if (different.length > 0) throw",
    replace: "if (different.length > 1000) throw",
    tests: ["test/campaigns/start/live.test.ts"],
  },
  {
    name: "the list is read back and compared before a start",
    file: "src/campaigns/start/read-batch-for-start.ts",
    find: "const wrong = whatIsWrong(batch, tasks, facts);",
    replace: "const wrong = Date.length < 0 ? whatIsWrong(batch, tasks, facts) : undefined;",
    tests: [start],
  },
  {
    name: "the time of a start is read back and compared",
    file: "src/campaigns/start/send-start.ts",
    find: 'return isSameSecond(batch.scheduledAt, action.at) ? "taken" : "other_time";',
    replace: 'return isSameSecond(batch.scheduledAt, action.at) ? "taken" : "taken";',
    tests: [start],
  },
  {
    name: "a create is in the ledger before it leaves",
    file: "src/campaigns/create/create-draft.ts",
    find: "return intent && this.#send(intent, order);",
    replace: "if (intent) this.#creations.forget(intent);\n    return intent && this.#send(intent, order);",
    tests: ["test/campaigns/create/same-content.slow.test.ts", "test/campaigns/start/live.test.ts"],
  },
  {
    name: "a start is in the ledger before it leaves",
    file: "src/campaigns/start/start-execution.ts",
    find: "const error = await this.#send(row, action);",
    replace:
      'this.#parts.startLog.resolve(row.id, "failed", this.#parts.clock.now());\n    const error = await this.#send(row, action);',
    tests: [faults, start],
  },
  {
    name: "a start whose outcome is open is not sent again",
    file: "src/campaigns/start/live-start.ts",
    find: 'if (state === "sent") throw startUnderWay(batchId);',
    replace: 'if (state === "sent") this.#parts.startLog.resolve(open.id, "failed", this.#parts.clock.now());',
    tests: [faults],
  },
  {
    name: "a start without an answer is looked for, not taken for lost",
    file: "src/campaigns/start/start-execution.ts",
    find: "if (mayHaveSucceeded(error)) return error;",
    replace: "",
    tests: [faults],
  },
  {
    name: "a write that was sent is not repeated",
    file: "src/client/requester.ts",
    find: 'if (progress.effect === "writes" || progress.repeats >= maxRepeats) return undefined;',
    replace: "if (progress.repeats >= maxRepeats) return undefined;",
    tests: ["test/client/writes.test.ts", "test/campaigns/fault-matrix-execute.slow.test.ts"],
  },
  {
    name: "no redirect is followed",
    file: "src/client/connection.ts",
    find: "return await send(client, request);",
    replace:
      'const answer = await send(client, request);\n        const to = answer.kind === "answer" ? answer.headers["location"] : undefined;\n        if (to === undefined) return answer;\n        return await this.exchangeAfresh({ ...request, origin: new URL(to).origin, path: new URL(to).pathname });',
    tests: ["test/campaigns/fault-matrix-create.slow.test.ts"],
  },
  {
    name: "the keys go over https alone",
    file: "src/client/connection.ts",
    find: 'if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname))) {',
    replace: "if (!isLoopback(url.hostname) && url.port === undefined) {",
    tests: ["test/client/base-url.test.ts"],
  },
  {
    name: "nobody but the certificate's owner gets the keys",
    file: "src/client/connection.ts",
    find: "connect: { timeout: options.connectDeadlineMs ?? 5_000 },",
    replace: "connect: { timeout: options.connectDeadlineMs ?? 5_000, rejectUnauthorized: false },",
    tests: ["test/campaigns/fault-matrix-create.slow.test.ts"],
  },
  {
    name: "the API's words are shown without the keys",
    file: "src/client/refusals.ts",
    find: "plainText(redact(plainText(text, text.length)), quotedLength)",
    replace: "plainText(text, quotedLength)",
    tests: ["test/client/refusals.test.ts"],
  },
  {
    name: "the page answers to its own address alone",
    file: "src/approval-page/page-app.ts",
    find: 'if (!isOwnHost(context.req.header("host") ?? "")) return refuse(context, 403, "This is not its address.");',
    replace: "void isOwnHost;",
    tests: [page],
  },
  {
    name: "the page takes answers from itself alone",
    file: "src/approval-page/page-app.ts",
    find: 'if (!isFromOwnPage(context)) return refuse(context, 403, "Only the page itself may ask this.");',
    replace: "void isFromOwnPage;",
    tests: [page],
  },
  {
    name: "the page shows nothing without its secret",
    file: "src/approval-page/one-time-page.ts",
    find: "return context.html(wrongLink, 403);",
    replace: 'return context.html(showQuestion(parts, "", place));',
    tests: [page],
  },
  {
    name: "pausing what is paused does not begin the free minutes again",
    file: "src/campaigns/start/edits.ts",
    find: "if (before && mayRing(before)) startLog.notePause",
    replace: "if (mayRing.length > 0) startLog.notePause",
    tests: ["test/campaigns/start/live-pause.test.ts"],
  },
  {
    name: "nothing goes on unasked after everything was stopped",
    file: "src/campaigns/start/resume.ts",
    find: "(stoppedAt === undefined || stoppedAt < pausedAt) &&",
    replace: "stoppedAt !== null &&",
    tests: ["test/campaigns/start/live-pause.test.ts"],
  },
  {
    name: "nothing goes on unasked that nobody agreed to",
    file: "src/campaigns/start/resume.ts",
    find: "startLog.wasStarted(account, batchId);",
    replace: "true;",
    tests: ["test/campaigns/start/live-pause.test.ts"],
  },
  {
    name: "a caller over HTTP cannot answer for a person",
    file: "src/mcp/server.ts",
    find: "hasForms && takesForms ?",
    replace: "hasForms ?",
    tests: ["test/mcp/forms-modern.test.ts"],
  },
];
