import { numberOf } from "../../support/world.ts";
import { toCsv } from "../eval-world.ts";
import type { EvalRequest } from "../request.ts";
import { lookUp, lookUpAgents, lookUpNumbers, people, reminder } from "./people.ts";

/** What was, and why. */
export const lookingBack: readonly EvalRequest[] = [
  {
    id: "who-does-not-come",
    setting: {
      batches: [
        {
          name: "May visits",
          people: people(1, 2, 3),
          state: "completed",
          args: { answers_wanted: [{ name: "comes", meaning: "Will they come?" }] },
        },
      ],
      calls: Object.fromEntries(
        [1, 2, 3].map((n) => [numberOf(n), { answers: [{ name: "comes", value: n === 3 ? "no" : "yes" }] }]),
      ),
    },
    turns: [
      {
        says: "Who of May visits said that they will not come?",
        script: [lookUp, { tool: "get_batch_results", args: { batch_id: "@batch:May" } }],
      },
    ],
    expected: { ways: [[{ tool: "get_batch_results" }]], tells: [/Cid/] },
  },
  {
    id: "one-call",
    setting: {
      batches: [{ name: "May visits", people: people(1, 2), state: "completed" }],
      calls: { [numberOf(2)]: { outcomes: ["voicemail"] } },
    },
    turns: [
      {
        says: "When exactly did we ring Bob in May visits, and did he pick up?",
        script: [
          lookUp,
          { tool: "get_batch_results", args: { batch_id: "@batch:May" } },
          { tool: "get_call", args: { call_id: "@call:Bob" } },
        ],
      },
    ],
    expected: { ways: [[{ tool: "get_batch_results" }]], tells: [/10:0|15:0/, /voice ?mail/i] },
  },
  {
    id: "why-not-row-three",
    setting: { files: { "list.csv": toCsv([...people(1), { Name: "Bob", Phone: "555" }]) } },
    turns: [
      {
        says: 'Draft "Visits" from list.csv, appointment reminder, main line.',
        script: [
          lookUpAgents,
          lookUpNumbers,
          { tool: "create_batch_call", args: { ...reminder, name: "Visits", tasks_file: "list.csv" } },
        ],
      },
      {
        says: "Bob isn't on it, is he? What exactly stands in his row?",
        script: [{ tool: "get_list", args: { list_id: "@list", fate: "refused" } }],
      },
    ],
    expected: {
      ways: [[{ tool: "create_batch_call" }]],
      batches: { Visits: { status: "draft", counts: { total: 1 } } },
      tells: [/Bob/],
    },
  },
  {
    id: "reading-only",
    setting: { isReadOnly: true, batches: [{ name: "June reminders", people: people(1, 2), state: "scheduled" }] },
    turns: [
      {
        says: "When do the June reminders begin, and to how many people?",
        script: [lookUp, { tool: "get_batch_status", args: { batch_id: "@batch:June" } }],
      },
    ],
    expected: { ways: [[{ tool: "list_batches" }]], tells: [/2/, /10(:00)?|15:00/] },
  },
];
