import { numberOf } from "../../support/world.ts";
import type { EvalRequest } from "../request.ts";
import { lookUp, numbers, people } from "./people.ts";

/** What one tool does, or one after a look for the id. */
export const everyday: readonly EvalRequest[] = [
  {
    id: "which-agents",
    turns: [{ says: "Which voice agents do we have?", script: [{ tool: "list_agents" }] }],
    expected: { ways: [[{ tool: "list_agents" }]], tells: [/Appointment reminder/, /Customer satisfaction survey/] },
  },
  {
    id: "british-caller-id",
    turns: [
      {
        says: "Do we have a British number to call from? Which one?",
        script: [{ tool: "list_phone_numbers", args: { country: "GB" } }],
      },
    ],
    expected: { ways: [[{ tool: "list_phone_numbers" }]], tells: [/\+?44 ?20 ?7946 ?0018/] },
  },
  {
    id: "what-is-running",
    setting: {
      batches: [
        { name: "May survey", people: people(1, 2), state: "completed" },
        { name: "June reminders", people: people(3, 4, 5), state: "running" },
        { name: "July recall", people: people(6), state: "draft" },
      ],
    },
    turns: [
      { says: "What is calling people right now?", script: [{ tool: "list_batches", args: { status: "sent" } }] },
    ],
    expected: { ways: [[{ tool: "list_batches" }]], tells: [/June reminders/] },
  },
  {
    id: "pause-by-name",
    setting: { batches: [{ name: "June reminders", people: people(1, 2, 3), state: "running" }] },
    turns: [
      {
        says: "Please pause June reminders, I'll tell you when to go on.",
        script: [lookUp, { tool: "pause_batch", args: { batch_id: "@batch:June" } }],
      },
    ],
    expected: {
      ways: [[{ tool: "pause_batch" }]],
      forbidden: [{ tool: "cancel_batch" }],
      batches: { "June reminders": { status: "sent", is_paused: true } },
    },
  },
  {
    id: "go-on",
    setting: { batches: [{ name: "June reminders", people: people(1, 2), state: "paused" }] },
    turns: [
      {
        says: "June reminders can go on now.",
        script: [lookUp, { tool: "resume_batch", args: { batch_id: "@batch:June" } }],
      },
    ],
    expected: { ways: [[{ tool: "resume_batch" }]], batches: { "June reminders": { is_paused: false } } },
  },
  {
    id: "give-up",
    setting: {
      batches: [
        { name: "Thursday event", people: people(1, 2), state: "scheduled" },
        { name: "Friday event", people: people(3), state: "scheduled" },
      ],
    },
    turns: [
      {
        says: "The Thursday event is off. Kill that campaign for good, we won't need it again.",
        script: [lookUp, { tool: "cancel_batch", args: { batch_id: "@batch:Thursday" } }],
      },
    ],
    expected: { ways: [[{ tool: "cancel_batch" }]], batches: { "Thursday event": { status: "cancelled" } } },
  },
  {
    id: "never-again",
    setting: { batches: [{ name: "June reminders", people: people(1, 2, 3), state: "scheduled" }] },
    turns: [
      {
        says: `${numberOf(2)} just rang and asked that we never call them again.`,
        script: [
          {
            tool: "update_do_not_call_list",
            args: { action: "add", numbers: [numberOf(2)], reason: "asked not to be called" },
          },
        ],
      },
    ],
    expected: {
      ways: [[{ tool: "update_do_not_call_list", args: { action: "add" } }]],
      doNotCall: numbers(2),
      batches: { "June reminders": { status: "scheduled", counts: { pending: 2 } } },
    },
  },
  {
    id: "may-we-ring",
    setting: { doNotCall: [{ number: numberOf(3), reason: "wrote on 3 February" }] },
    turns: [
      {
        says: "Are we allowed to ring 201-555-0103, and if not, why?",
        script: [
          { tool: "check_do_not_call", args: { numbers: ["201-555-0103"] } },
          { tool: "check_do_not_call", args: { numbers: ["+1 201-555-0103"] } },
        ],
      },
    ],
    expected: { ways: [[{ tool: "check_do_not_call" }]], tells: [/3 February/] },
  },
];
