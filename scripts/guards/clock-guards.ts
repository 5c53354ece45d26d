import type { Guard } from "./engine-guards.ts";

const sqlite = "test/service/store/dialing-store.test.ts";
const hours = "test/service/dialing/dialer-hours.test.ts";
const windows = "test/service/dialing/recipient-windows.test.ts";
const tools = "test/tools/their-time.test.ts";

/** What keeps a phone from ringing at the wrong time of its owner. */
export const clockGuards: readonly Guard[] = [
  {
    name: "the clock of a recipient: a claim holds back whom it does not suit",
    file: "src/service/store/due-task.ts",
    find: "const from = byOperator > byRules ? byOperator : byRules;",
    replace: "const from = byOperator > byRules ? byOperator : now;",
    tests: [sqlite, windows],
  },
  {
    name: "the clock of a recipient: the last check before a dial looks at it",
    file: "src/service/dialing/attempts.ts",
    find: "return byOperator > byRules ? byOperator : byRules;",
    replace: "return byRules > byOperator ? byOperator : byOperator;",
    tests: [hours],
  },
  {
    name: "the clock of a recipient: all that may be theirs have to be open",
    file: "src/domain/time/quiet-hours.ts",
    find: "const clocks = zones.flatMap(",
    replace: "const clocks = zones.slice(0, 1).flatMap(",
    tests: [sqlite, windows],
  },
  {
    name: "the clock of a recipient: a time is reached when all that may be theirs show it",
    file: "src/domain/time/recipient-hours.ts",
    find: "return new Date(Math.max(...times.map((at) => at.getTime())));",
    replace: "return new Date(Math.min(...times.map((at) => at.getTime())));",
    tests: [windows, tools],
  },
  {
    name: "the clock of a recipient: another time of one person is other content",
    file: "src/service/store/shared/tasks.ts",
    find: "const clock = timezone === null && notBeforeMs === null ?",
    replace: "const clock = timezone === null || notBeforeMs !== null ?",
    tests: [sqlite],
  },
  {
    name: "the clock of a recipient: the zone that a list gives opens no hour at which it is night for the number",
    file: "src/domain/phone/recipient-time.ts",
    find: "? [timezone] : [timezone, ...ofNumber];",
    replace: "? [timezone] : [timezone];",
    tests: ["test/service/dialing/dial-guard.test.ts"],
  },
  {
    name: "the clock of a recipient: a start at their time is in what a person agrees to",
    file: "src/campaigns/start/start-proposal.ts",
    find: "return action.local === undefined ?",
    replace: 'return action.kind === "at" ?',
    tests: [tools],
  },
  {
    name: "the clock of a recipient: a time that has passed for some is refused",
    file: "src/domain/batch/local-start.ts",
    find: "if (passed.length > 0) return",
    replace: "if (passed.length > starts.length) return",
    tests: [tools],
  },
  {
    name: "the clock of a recipient: a row whose time is not read is refused",
    file: "src/domain/list/judge-row.ts",
    find: 'if (time !== "" && !isNotBefore(time)) return',
    replace: 'if (time === "-" && !isNotBefore(time)) return',
    tests: ["test/tools/list-input.test.ts", "test/lists/change-list.test.ts"],
  },
  {
    name: "the clock of a recipient: a row whose zone is not read is refused",
    file: "src/domain/list/judge-row.ts",
    find: "if (unknownZone) return unknownZone;",
    replace: "",
    tests: ["test/tools/list-input.test.ts", "test/lists/change-list.test.ts"],
  },
  {
    name: "days that are not called are quiet from midnight to midnight",
    file: "src/domain/time/quiet-hours.ts",
    find: "return isInWindow(quiet, wall.slice(11, 16)) || isClosedOn(quiet, wall.slice(0, 10));",
    replace: "return isInWindow(quiet, wall.slice(11, 16));",
    tests: ["test/service/dialing/dialer-hours.test.ts"],
  },
  {
    name: "an AT retry that falls on a day that is not called keeps its time on the next one",
    file: "src/domain/retry-rules.ts",
    find: "if (!isClosedAt(quietHours, zones, due) && !isHoliday(due)) return due;",
    replace: "if (zones.length >= 0 || isClosedAt(quietHours, zones, due)) return due;",
    tests: ["test/domain/time/closed-days.test.ts"],
  },
  {
    name: "nor is an AT retry placed on a public holiday",
    file: "src/domain/retry-rules.ts",
    find: "&& !isHoliday(due)",
    replace: "",
    tests: ["test/domain/time/public-holidays.test.ts"],
  },
  {
    name: "public holidays of a recipient's country are quiet on their clocks",
    file: "src/domain/time/recipient-hours.ts",
    find: "return withHolidays(own ?? { enabled, holidays, start: emptyWindow, end: emptyWindow }, countryOf(toNumber), at);",
    replace: "return own ?? { enabled, holidays, start: emptyWindow, end: emptyWindow };",
    tests: ["test/service/dialing/dialer-hours.test.ts", "test/service/store/dialing-store.test.ts"],
  },
  {
    name: "a preset closes public holidays where its rule does",
    file: "src/domain/time/hour-presets.ts",
    find: "if (!holidays && publicHolidays(",
    replace: 'if (zone === "" && publicHolidays(',
    tests: ["test/domain/time/hour-presets.test.ts"],
  },
  {
    name: "the claim holds back whom the operator's hours or a preset do",
    file: "src/service/store/due-task.ts",
    find: "mayDialAt?.(recipient.toNumber, now, recipient.timezone) ?? now",
    replace: 'recipient.toNumber === "" ? (mayDialAt?.(recipient.toNumber, now) ?? now) : now',
    tests: ["test/service/store/dialing-store.test.ts"],
  },
  {
    name: "the first minute that is told is within the preset",
    file: "src/domain/time/ring-times.ts",
    find: "if (!operator || isIssue(number)) return at;",
    replace: "if (!operator || operator.hoursPreset || isIssue(number)) return at;",
    tests: ["test/tools/their-time.test.ts"],
  },
  {
    name: "a date that has passed is refused: another year was meant",
    file: "src/domain/time/closed-days.ts",
    find: "if (date < today) {",
    replace: 'if (date < "") {',
    tests: ["test/domain/time/closed-days.test.ts"],
  },
  {
    name: "days that are not called are refused at an API that cannot hold them",
    file: "src/tools/shared/recipient-clocks.ts",
    find: "if (closes) {",
    replace: 'if (closes && local === "never") {',
    tests: ["test/tools/their-time.test.ts"],
  },
  {
    name: "days that are not called stay when the operator's hours are put in",
    file: "src/campaigns/create/apply-calling-hours.ts",
    find: "toQuietHours(window, batchZone, own)",
    replace: "toQuietHours(window, batchZone)",
    tests: ["test/tools/their-time.test.ts"],
  },
  {
    name: "the preset of a country holds beside the operator's hours",
    file: "src/domain/time/operator-hours.ts",
    find: "const preset = presetFor(hoursPreset, country);",
    replace: 'const preset = presetFor(hoursPreset, country === "" ? country : undefined);',
    tests: ["test/service/dialing/dial-guard.test.ts"],
  },
  {
    name: "who has no minute by preset and operator's hours is refused a start",
    file: "src/campaigns/limits/calling-hours.ts",
    find: "if (hoursPreset === undefined) return [];",
    replace: 'if (hoursPreset === undefined || hours.start !== "") return [];',
    tests: ["test/tools/their-time.test.ts"],
  },
];
