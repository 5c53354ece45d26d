import { toCsv } from "../eval-world.ts";
import type { EvalRequest } from "../request.ts";
import { eastCoast, lookUp, lookUpAgents, lookUpNumbers, numbers, people, reminder } from "./people.ts";

const contacts = { "contacts.csv": toCsv(people(1, 2, 3)) };

/** What takes more than one tool. */
export const severalSteps: readonly EvalRequest[] = [
  {
    id: "file-to-draft",
    setting: { files: contacts },
    turns: [
      {
        says: 'Prepare "March visits": everybody in contacts.csv, with the appointment reminder agent, from our New York number. Do not ring anybody yet.',
        script: [
          lookUpAgents,
          lookUpNumbers,
          {
            tool: "preview_batch_call",
            args: { ...reminder, name: "March visits", from_number: eastCoast, tasks_file: "contacts.csv" },
          },
          {
            tool: "create_batch_call",
            args: { ...reminder, name: "March visits", from_number: eastCoast, list_id: "@list" },
          },
        ],
      },
    ],
    expected: {
      ways: [[{ tool: "create_batch_call", args: { from_number: eastCoast } }]],
      forbidden: [{ tool: "start_batch" }, { tool: "create_batch_call", args: { start: /now|at_time/ } }],
      batches: { "March visits": { status: "draft", from_number: eastCoast, counts: { total: 3 } } },
    },
  },
  {
    id: "prepare-look-go",
    setting: { files: contacts },
    turns: [
      {
        says: 'Set up "March visits" for contacts.csv: appointment reminder agent, main line. Show me who would be called before anything rings.',
        script: [
          lookUpAgents,
          lookUpNumbers,
          { tool: "preview_batch_call", args: { ...reminder, name: "March visits", tasks_file: "contacts.csv" } },
          { tool: "create_batch_call", args: { ...reminder, name: "March visits", list_id: "@list" } },
        ],
      },
      {
        says: "All three, good. Go.",
        script: [{ tool: "start_batch", args: { batch_id: "@batch", start: "now", expected_recipients: 3 } }],
      },
    ],
    expected: {
      ways: [
        [{ tool: "preview_batch_call" }, { tool: "create_batch_call" }, { tool: "start_batch" }],
        [{ tool: "preview_batch_call" }, { tool: "create_batch_call", args: { start: "now" } }],
        [{ tool: "create_batch_call" }, { tool: "start_batch" }],
      ],
      forbidden: [
        { tool: "start_batch", beforeTurn: 2 },
        { tool: "create_batch_call", args: { start: /now|at_time/ }, beforeTurn: 2 },
      ],
      rings: numbers(1, 2, 3),
      batches: { "March visits": { status: "completed", counts: { total: 3 } } },
    },
  },
  {
    id: "tomorrow-at-nine",
    setting: { files: contacts },
    turns: [
      {
        says: 'Call everybody in contacts.csv with the appointment reminder from the main line, tomorrow at 9 in the morning New York time. Name it "Tuesday calls". Nobody needs to look at it again.',
        script: [
          lookUpAgents,
          lookUpNumbers,
          {
            tool: "create_batch_call",
            args: {
              ...reminder,
              name: "Tuesday calls",
              tasks_file: "contacts.csv",
              start: "at_time",
              start_at: "2026-03-03T09:00",
              timezone: "America/New_York",
            },
          },
        ],
      },
    ],
    expected: {
      ways: [
        [{ tool: "create_batch_call", args: { start: "at_time", start_at: /^2026-03-03/ } }],
        [{ tool: "create_batch_call" }, { tool: "start_batch", args: { start: "at_time", start_at: /^2026-03-03/ } }],
      ],
      batches: { "Tuesday calls": { status: "scheduled", scheduled_at: /2026-03-03T14:00:00Z/, counts: { total: 3 } } },
    },
  },
  {
    id: "call-the-unreached-again",
    setting: {
      batches: [{ name: "May survey", people: people(1, 2, 3, 4), state: "completed" }],
      calls: {
        [numbers(2)[0] ?? ""]: { outcomes: ["no_answer", "answered"] },
        [numbers(4)[0] ?? ""]: { outcomes: ["no_answer", "answered"] },
      },
    },
    turns: [
      {
        says: 'Call those of May survey who did not pick up once more, right now, same agent and number. Call it "May survey 2".',
        script: [
          lookUp,
          { tool: "get_batch_status", args: { batch_id: "@batch:May" } },
          {
            tool: "create_batch_call",
            args: {
              name: "May survey 2",
              agent_id: "@agent",
              from_number: "+14155550100",
              from_batch: { batch_id: "@batch", outcomes: ["no_answer"] },
              start: "now",
            },
          },
        ],
      },
    ],
    expected: {
      ways: [[{ tool: "create_batch_call" }]],
      rings: numbers(2, 4),
      batches: { "May survey 2": { status: "completed", counts: { total: 2 } } },
    },
  },
  {
    id: "without-those-of-may",
    setting: {
      files: { "june.csv": toCsv(people(1, 2, 3, 4, 5)) },
      batches: [{ name: "May survey", people: people(2, 4), state: "completed" }],
    },
    turns: [
      {
        says: 'Draft "June survey" from june.csv with the survey agent and the main line, but leave out whoever was in May survey.',
        script: [
          lookUp,
          lookUpAgents,
          lookUpNumbers,
          {
            tool: "create_batch_call",
            args: {
              ...reminder,
              agent_id: "@agent:survey",
              name: "June survey",
              tasks_file: "june.csv",
              exclude: { batch_ids: ["@batch:May"] },
            },
          },
        ],
      },
    ],
    expected: {
      ways: [[{ tool: "create_batch_call" }]],
      batches: { "June survey": { status: "draft", counts: { total: 3 } } },
    },
  },
  {
    id: "results-as-workbook",
    setting: { batches: [{ name: "May survey", people: people(1, 2), state: "completed" }] },
    turns: [
      {
        says: "I need the results of May survey as an Excel file.",
        script: [lookUp, { tool: "export_batch_results", args: { batch_id: "@batch:May", format: "xlsx" } }],
      },
    ],
    expected: { ways: [[{ tool: "export_batch_results", args: { format: "xlsx" } }]], newFiles: [".xlsx"] },
  },
  {
    id: "two-first",
    setting: { files: { "ten.csv": toCsv(people(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)) } },
    turns: [
      {
        says: 'Start calling ten.csv now with the appointment reminder from the main line, but only the first two people; then hold it so that I can look. Name: "Trial".',
        script: [
          lookUpAgents,
          lookUpNumbers,
          {
            tool: "create_batch_call",
            args: { ...reminder, name: "Trial", tasks_file: "ten.csv", canary: { count: 2 }, start: "now" },
          },
        ],
      },
    ],
    expected: {
      ways: [[{ tool: "create_batch_call" }]],
      rings: numbers(1, 2),
      batches: { Trial: { is_paused: true, counts: { total: 10, pending: 8 } } },
    },
  },
  {
    id: "two-more-people",
    setting: { batches: [{ name: "June reminders", people: people(1, 2), state: "draft" }] },
    turns: [
      {
        says: "Add these to the draft of June reminders, keep who is on it:\nName,Phone\nFay,+1 201 555 0106\nGus,+1 201 555 0107",
        script: [
          lookUp,
          { tool: "export_batch_results", args: { batch_id: "@batch:June", safe_for: "machine" } },
          {
            tool: "preview_batch_call",
            args: {
              ...reminder,
              agent_id: "agent_5d0c1f6e-2b7a-4c55-9f0e-6a1d3b8e4c21",
              name: "June reminders",
              tasks_file: "@path",
            },
          },
          {
            tool: "change_list",
            args: { list_id: "@list", add_csv: "Name,Phone\nFay,+1 201 555 0106\nGus,+1 201 555 0107" },
          },
          { tool: "update_batch", args: { batch_id: "@batch:June", list_id: "@list" } },
        ],
      },
    ],
    expected: {
      ways: [[{ tool: "update_batch", args: { list_id: /^list_/ } }]],
      forbidden: [{ tool: "create_batch_call" }],
      newFiles: [".csv"],
      batches: { "June reminders": { status: "draft", counts: { total: 4 } } },
    },
  },
  {
    id: "two-more-tries",
    setting: { batches: [{ name: "June reminders", people: people(1, 2), state: "draft" }] },
    turns: [
      {
        says: "Whoever does not answer in June reminders should be tried up to three times in all, two hours apart. And nobody between 8 in the evening and 9 in the morning, New York time.",
        script: [
          lookUp,
          {
            tool: "update_batch",
            args: {
              batch_id: "@batch:June",
              retry_config: { enabled: true, max_attempts: 3 },
              retry_rules: [
                { condition: "no_answer", enabled: true, retry_timing: { type: "AFTER", duration_minutes: 120 } },
              ],
              quiet_hours: { enabled: true, start_time: "20:00", end_time: "09:00", timezone: "America/New_York" },
            },
          },
        ],
      },
    ],
    expected: {
      ways: [[{ tool: "update_batch" }]],
      batches: {
        "June reminders": {
          status: "draft",
          rules: /3/,
        },
      },
    },
  },
  {
    id: "find-out",
    setting: {
      files: contacts,
      calls: Object.fromEntries(
        numbers(1, 2, 3).map((number, n) => [number, { answers: [{ name: "comes", value: n === 1 ? "no" : "yes" }] }]),
      ),
    },
    turns: [
      {
        says: 'Call contacts.csv now with the appointment reminder from the main line and find out from each whether they will come (yes or no). Name it "Who comes", wait till it is over and tell me who does not come.',
        script: [
          lookUpAgents,
          lookUpNumbers,
          {
            tool: "create_batch_call",
            args: {
              ...reminder,
              name: "Who comes",
              tasks_file: "contacts.csv",
              answers_wanted: [{ name: "comes", meaning: "Will they come?", choices: ["yes", "no"] }],
              start: "now",
            },
          },
          { tool: "get_batch_status", args: { batch_id: "@batch", wait_seconds: 30 } },
          { tool: "get_batch_status", args: { batch_id: "@batch", wait_seconds: 30 } },
          { tool: "get_batch_results", args: { batch_id: "@batch" } },
        ],
      },
    ],
    expected: {
      ways: [[{ tool: "create_batch_call" }, { tool: "get_batch_results" }]],
      rings: numbers(1, 2, 3),
      batches: { "Who comes": { status: "completed" } },
      tells: [/Bob/],
    },
  },
];
