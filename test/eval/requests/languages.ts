import { numberOf } from "../../support/world.ts";
import { toCsv } from "../eval-world.ts";
import type { EvalRequest } from "../request.ts";
import { london, lookUp, lookUpAgents, lookUpNumbers, numbers, people, reminder } from "./people.ts";

/** As people write in ten languages. */
export const languages: readonly EvalRequest[] = [
  {
    id: "german-pause",
    setting: { batches: [{ name: "Terminerinnerung Juni", people: people(1, 2, 3), state: "running" }] },
    turns: [
      {
        says: "Halt bitte sofort die Terminerinnerung Juni an, da stimmt was nicht. Nur anhalten, nicht löschen!",
        script: [lookUp, { tool: "pause_batch", args: { batch_id: "@batch:Juni" } }],
      },
    ],
    expected: {
      ways: [[{ tool: "pause_batch" }]],
      forbidden: [{ tool: "cancel_batch" }],
      batches: { "Terminerinnerung Juni": { status: "sent", is_paused: true } },
    },
  },
  {
    id: "spanish-draft",
    turns: [
      {
        says: "Prepara un borrador llamado «Citas de marzo» con el agente de recordatorio de citas y la línea principal, sin llamar a nadie todavía:\nNombre;Teléfono\nJosé;+1 201 555 0101\nMaría;+1 201 555 0102",
        script: [
          lookUpAgents,
          lookUpNumbers,
          {
            tool: "create_batch_call",
            args: {
              ...reminder,
              name: "Citas de marzo",
              tasks_csv: "Nombre;Teléfono\nJosé;+1 201 555 0101\nMaría;+1 201 555 0102",
              columns: { first_name: "Nombre" },
            },
          },
        ],
      },
    ],
    expected: {
      ways: [[{ tool: "create_batch_call" }]],
      forbidden: [{ tool: "start_batch" }, { tool: "create_batch_call", args: { start: /now|at_time/ } }],
      batches: { "Citas de marzo": { status: "draft", counts: { total: 2 } } },
    },
  },
  {
    id: "hindi-how-far",
    setting: {
      batches: [{ name: "Diwali offers", people: people(1, 2, 3, 4), state: "completed" }],
      calls: { [numberOf(3)]: { outcomes: ["busy"] } },
    },
    turns: [
      {
        says: "Diwali offers वाला कैंपेन पूरा हुआ क्या? कितने लोगों से बात हुई?",
        script: [lookUp, { tool: "get_batch_status", args: { batch_id: "@batch:Diwali" } }],
      },
    ],
    expected: { ways: [[{ tool: "get_batch_status" }], [{ tool: "get_batch_results" }]], tells: [/3|३|तीन/] },
  },
  {
    id: "french-schedule",
    setting: { batches: [{ name: "Relances mars", people: people(1, 2), state: "draft" }] },
    turns: [
      {
        says: "Lance « Relances mars » demain à 14 h 30, heure de New York, pour les deux personnes. C'est validé.",
        script: [
          lookUp,
          {
            tool: "start_batch",
            args: {
              batch_id: "@batch:Relances",
              start: "at_time",
              start_at: "2026-03-03T14:30",
              timezone: "America/New_York",
              expected_recipients: 2,
            },
          },
        ],
      },
    ],
    expected: {
      ways: [[{ tool: "start_batch", args: { start: "at_time" } }]],
      batches: { "Relances mars": { status: "scheduled", scheduled_at: /2026-03-03T19:30:00Z/ } },
    },
  },
  {
    id: "portuguese-never-again",
    turns: [
      {
        says: "O cliente do +55 11 3555-0123 pediu para não receber mais ligações nossas. Registra aí, por favor.",
        script: [
          { tool: "update_do_not_call_list", args: { action: "add", numbers: ["+55 11 3555-0123"], reason: "pediu" } },
        ],
      },
    ],
    expected: { ways: [[{ tool: "update_do_not_call_list", args: { action: "add" } }]], doNotCall: ["+551135550123"] },
  },
  {
    id: "arabic-cancel",
    setting: { batches: [{ name: "Eid offers", people: people(1, 2), state: "scheduled" }] },
    turns: [
      {
        says: "ألغِ حملة Eid offers نهائيًا، لن نحتاجها بعد الآن.",
        script: [lookUp, { tool: "cancel_batch", args: { batch_id: "@batch:Eid" } }],
      },
    ],
    expected: { ways: [[{ tool: "cancel_batch" }]], batches: { "Eid offers": { status: "cancelled" } } },
  },
  {
    id: "chinese-which-numbers",
    turns: [
      {
        says: "我们有哪些号码可以用来外呼？有印度的吗？",
        script: [{ tool: "list_phone_numbers" }],
      },
    ],
    expected: { ways: [[{ tool: "list_phone_numbers" }]], tells: [/\+?91 ?80[ -]?3531[ -]?5547/] },
  },
  {
    id: "japanese-who-was-not-reached",
    setting: {
      batches: [{ name: "3月アンケート", people: people(1, 2, 3), state: "completed" }],
      calls: { [numberOf(2)]: { outcomes: ["no_answer"] } },
    },
    turns: [
      {
        says: "「3月アンケート」でつながらなかった人は誰ですか？",
        script: [lookUp, { tool: "get_batch_results", args: { batch_id: "@batch:3月", status: "failed" } }],
      },
    ],
    expected: { ways: [[{ tool: "get_batch_results" }]], tells: [/Bob/] },
  },
  {
    id: "italian-british-numbers",
    setting: {
      files: {
        "londra.csv": toCsv([
          { Name: "Amy", Phone: "020 7946 0101" },
          { Name: "Ben", Phone: "020 7946 0102" },
        ]),
      },
    },
    turns: [
      {
        says: "Prepara una bozza «Londra» con londra.csv (sono numeri inglesi senza prefisso), l'agente del sondaggio clienti e il numero di Londra.",
        script: [
          lookUpAgents,
          lookUpNumbers,
          {
            tool: "create_batch_call",
            args: {
              ...reminder,
              agent_id: "@agent:survey",
              from_number: london,
              name: "Londra",
              tasks_file: "londra.csv",
              default_country: "GB",
            },
          },
        ],
      },
    ],
    expected: {
      ways: [[{ tool: "create_batch_call", args: { from_number: london } }]],
      batches: { Londra: { status: "draft", counts: { total: 2 } } },
    },
  },
  {
    id: "polish-send-now",
    setting: { batches: [{ name: "Wizyty", people: people(1, 2), state: "draft" }] },
    turns: [
      {
        says: "Uruchom teraz szkic Wizyty, obie osoby się zgadzają na telefon.",
        script: [
          lookUp,
          { tool: "start_batch", args: { batch_id: "@batch:Wizyty", start: "now", expected_recipients: 2 } },
        ],
      },
    ],
    expected: {
      ways: [[{ tool: "start_batch", args: { start: "now" } }]],
      rings: numbers(1, 2),
      batches: { Wizyty: { status: "completed" } },
    },
  },
];
