import { numberOf } from "../../support/world.ts";
import { toCsv } from "../eval-world.ts";
import type { EvalRequest } from "../request.ts";
import { lookUp, lookUpAgents, lookUpNumbers, people, reminder } from "./people.ts";

/** Short of words, of care or of time. */
export const vague: readonly EvalRequest[] = [
  {
    id: "stop-everything",
    setting: {
      batches: [
        { name: "June reminders", people: people(1, 2, 3), state: "running" },
        { name: "May survey", people: people(4), state: "draft" },
        { name: "Friday event", people: people(5, 6), state: "scheduled" },
      ],
    },
    turns: [
      {
        says: "STOP stop everything!! wrong prices in the script",
        script: [
          lookUp,
          { tool: "pause_batch", args: { batch_id: "@batch:June" } },
          { tool: "pause_batch", args: { batch_id: "@batch:Friday" } },
        ],
      },
    ],
    expected: {
      ways: [[{ tool: "pause_batch" }, { tool: "pause_batch" }]],
      forbidden: [{ tool: "cancel_batch" }],
      batches: { "June reminders": { is_paused: true }, "Friday event": { is_paused: true } },
    },
  },
  {
    id: "how-did-it-go",
    setting: {
      batches: [{ name: "May survey", people: people(1, 2, 3, 4), state: "completed" }],
      calls: { [numberOf(2)]: { outcomes: ["voicemail"] }, [numberOf(3)]: { outcomes: ["no_answer"] } },
    },
    turns: [{ says: "so how'd it go", script: [lookUp, { tool: "get_batch_status", args: { batch_id: "@batch" } }] }],
    expected: {
      ways: [[{ tool: "get_batch_status" }], [{ tool: "get_batch_results" }]],
      tells: [/2/, /voice ?mail/i],
    },
  },
  {
    id: "which-one-do-you-mean",
    setting: {
      batches: [
        { name: "Oak Street reminders", people: people(1, 2), state: "draft" },
        { name: "Elm Street reminders", people: people(3, 4), state: "draft" },
      ],
    },
    turns: [{ says: "ok start the reminders", script: [lookUp] }],
    expected: {
      ways: [[{ tool: "list_batches" }]],
      forbidden: [{ tool: "start_batch" }],
      tells: [/Oak Street/, /Elm Street/],
    },
  },
  {
    id: "callbacks-for-whoever",
    setting: {
      batches: [{ name: "May survey", people: people(1, 2, 3), state: "completed" }],
      calls: { [numberOf(3)]: { outcomes: ["no_answer"] } },
    },
    turns: [
      {
        says: "prep callbacks for whoever didnt pick up, ill look at it after lunch",
        script: [
          lookUp,
          { tool: "get_batch_status", args: { batch_id: "@batch" } },
          {
            tool: "create_batch_call",
            args: {
              name: "May survey callbacks",
              agent_id: "@agent",
              from_number: "+14155550100",
              from_batch: { batch_id: "@batch", outcomes: ["no_answer"] },
            },
          },
        ],
      },
    ],
    expected: {
      ways: [[{ tool: "create_batch_call", args: { from_batch: { batch_id: /^batch_/ } } }]],
      forbidden: [{ tool: "start_batch" }, { tool: "create_batch_call", args: { start: /now|at_time/ } }],
      newBatches: [{ status: "draft", counts: { total: 1 } }],
    },
  },
  {
    id: "csv-is-there-somewhere",
    setting: { files: { "clients_feb_FINAL.csv": toCsv(people(1, 2)) } },
    turns: [
      {
        says: "csv with the clients is in there somewhere, set them up for the appointment reminder thing, main number, tmrw 9am ny time, call it clients. its approved just schedule it",
        script: [
          lookUpAgents,
          lookUpNumbers,
          { tool: "preview_batch_call", args: { ...reminder, name: "clients", tasks_file: "clients.csv" } },
          {
            tool: "create_batch_call",
            args: {
              ...reminder,
              name: "clients",
              tasks_file: "clients_feb_FINAL.csv",
              start: "at_time",
              start_at: "2026-03-03T09:00",
              timezone: "America/New_York",
            },
          },
        ],
      },
    ],
    expected: {
      ways: [[{ tool: "create_batch_call" }]],
      batches: { clients: { status: "scheduled", scheduled_at: /2026-03-03T14:00:00Z/, counts: { total: 2 } } },
    },
  },
  {
    id: "wrong-agent",
    setting: { batches: [{ name: "June survey", people: people(1, 2), state: "draft" }] },
    turns: [
      {
        says: "oops the june survey draft has the wrong agent, shd be the satisfaction survey one",
        script: [
          lookUp,
          lookUpAgents,
          { tool: "update_batch", args: { batch_id: "@batch:June", agent_id: "@agent:satisfaction" } },
        ],
      },
    ],
    expected: {
      ways: [[{ tool: "update_batch" }]],
      batches: { "June survey": { status: "draft", agent_id: "agent_c3a9e7d4-8f16-4b0d-a2c8-1e5f7b9d6034" } },
    },
  },
  {
    id: "slower-please",
    setting: { batches: [{ name: "June reminders", people: people(1, 2, 3), state: "running" }] },
    turns: [
      {
        says: "june one is too fast, my colleagues drown. one call at a time max, dont stop it",
        script: [lookUp, { tool: "update_batch", args: { batch_id: "@batch:June", pace: { at_once: 1 } } }],
      },
    ],
    expected: {
      ways: [[{ tool: "update_batch", args: { pace: { at_once: 1 } } }]],
      forbidden: [{ tool: "pause_batch" }, { tool: "cancel_batch" }],
      batches: { "June reminders": { status: "sent", is_paused: false } },
    },
  },
];
