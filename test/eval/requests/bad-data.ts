import { numberOf } from "../../support/world.ts";
import { toCsv } from "../eval-world.ts";
import type { EvalRequest, Step } from "../request.ts";
import { london, lookUpAgents, lookUpNumbers, numbers, people, reminder } from "./people.ts";

const begin: readonly Step[] = [lookUpAgents, lookUpNumbers];
const asks = (file: string, name: string): string =>
  `Draft "${name}" from ${file} with the appointment reminder agent and the main line.`;

/** Lists as they come out of other systems. */
export const badData: readonly EvalRequest[] = [
  {
    id: "two-rows-cannot-be-called",
    setting: {
      files: {
        "list.csv": toCsv([...people(1, 2), { Name: "Cid", Phone: "+1 201 55" }, { Name: "Dee", Phone: "ask her" }]),
      },
    },
    turns: [
      {
        says: `${asks("list.csv", "Visits")} Tell me whom you cannot call, by row.`,
        script: [
          ...begin,
          { tool: "create_batch_call", args: { ...reminder, name: "Visits", tasks_file: "list.csv" } },
        ],
      },
    ],
    expected: {
      ways: [[{ tool: "create_batch_call" }]],
      batches: { Visits: { status: "draft", counts: { total: 2 } } },
      tells: [/4/, /5/],
    },
  },
  {
    id: "mend-a-row",
    setting: { files: { "list.csv": toCsv([...people(1), { Name: "Bob", Phone: "201 55" }]) } },
    turns: [
      {
        says: `${asks("list.csv", "Visits")} Bob's number is cut off in the file, it is +1 201 555 0102. He has to be in.`,
        script: [
          ...begin,
          { tool: "preview_batch_call", args: { ...reminder, name: "Visits", tasks_file: "list.csv" } },
          {
            tool: "change_list",
            args: { list_id: "@list", set_cells: [{ row: 3, column: "Phone", value: "+1 201 555 0102" }] },
          },
          { tool: "create_batch_call", args: { ...reminder, name: "Visits", list_id: "@list" } },
        ],
      },
    ],
    expected: {
      ways: [[{ tool: "change_list" }, { tool: "create_batch_call" }], [{ tool: "create_batch_call" }]],
      batches: { Visits: { status: "draft", counts: { total: 2 } } },
    },
  },
  {
    id: "the-same-person-thrice",
    setting: {
      files: {
        "list.csv": toCsv([
          ...people(1, 2),
          { Name: "Ann L.", Phone: "(201) 555-0101" },
          { Name: "ann", Phone: "1-201-555-0101" },
        ]),
      },
    },
    turns: [
      {
        says: 'Call list.csv now with the appointment reminder from the main line, name "Visits". US numbers. Nobody may be called twice.',
        script: [
          ...begin,
          {
            tool: "create_batch_call",
            args: { ...reminder, name: "Visits", tasks_file: "list.csv", default_country: "US", start: "now" },
          },
        ],
      },
    ],
    expected: {
      ways: [[{ tool: "create_batch_call" }]],
      rings: numbers(1, 2),
      batches: { Visits: { status: "completed", counts: { total: 2 } } },
    },
  },
  {
    id: "numbers-without-a-country",
    setting: {
      files: {
        "uk.csv": toCsv([
          { Name: "Amy", Phone: "020 7946 0101" },
          { Name: "Ben", Phone: "020 7946 0102" },
        ]),
      },
    },
    turns: [
      {
        says: 'Draft "London" from uk.csv with the satisfaction survey agent and our London number.',
        script: [
          ...begin,
          {
            tool: "create_batch_call",
            args: {
              ...reminder,
              agent_id: "@agent:satisfaction",
              from_number: london,
              name: "London",
              tasks_file: "uk.csv",
            },
          },
          {
            tool: "create_batch_call",
            args: {
              ...reminder,
              agent_id: "@agent:satisfaction",
              from_number: london,
              name: "London",
              tasks_file: "uk.csv",
              default_country: "GB",
            },
          },
        ],
      },
    ],
    expected: {
      ways: [[{ tool: "create_batch_call" }]],
      batches: { London: { status: "draft", counts: { total: 2 } } },
    },
  },
  {
    id: "columns-that-say-nothing",
    setting: { files: { "dump.csv": `c1,c2,c3\nAnn,${numberOf(1)},7\nBob,${numberOf(2)},9` } },
    turns: [
      {
        says: `${asks("dump.csv", "Visits")} First column is the name, second the number, third is our own key.`,
        script: [
          ...begin,
          {
            tool: "create_batch_call",
            args: {
              ...reminder,
              name: "Visits",
              tasks_file: "dump.csv",
              columns: { first_name: "c1", to_number: "c2" },
            },
          },
          {
            tool: "create_batch_call",
            args: {
              ...reminder,
              name: "Visits",
              tasks_file: "dump.csv",
              columns: { first_name: "column_1", to_number: "column_2" },
            },
          },
        ],
      },
    ],
    expected: {
      ways: [[{ tool: "create_batch_call" }]],
      batches: { Visits: { status: "draft", counts: { total: 2 } } },
    },
  },
  {
    id: "two-columns-of-numbers",
    setting: {
      files: { "list.csv": `Name,Office,Cell\nAnn,${numberOf(11)},${numberOf(1)}\nBob,${numberOf(12)},${numberOf(2)}` },
    },
    turns: [
      {
        says: 'Call the cell phones in list.csv now, appointment reminder, main line, name "Cells". Never the office numbers!',
        script: [
          ...begin,
          {
            tool: "create_batch_call",
            args: {
              ...reminder,
              name: "Cells",
              tasks_file: "list.csv",
              columns: { first_name: "Name", to_number: "Cell" },
              start: "now",
            },
          },
        ],
      },
    ],
    expected: {
      ways: [[{ tool: "create_batch_call", args: { columns: { to_number: /Cell/ } } }]],
      rings: numbers(1, 2),
      batches: { Cells: { status: "completed" } },
    },
  },
  {
    id: "nobody-can-be-called",
    setting: {
      files: {
        "list.csv": toCsv([
          { Name: "Ann", Phone: "n/a" },
          { Name: "Bob", Phone: "12" },
        ]),
      },
    },
    turns: [
      {
        says: asks("list.csv", "Visits"),
        script: [
          ...begin,
          { tool: "create_batch_call", args: { ...reminder, name: "Visits", tasks_file: "list.csv" } },
        ],
      },
    ],
    expected: { ways: [[]], tells: [/n\/a|row|2/] },
  },
  {
    id: "a-file-that-is-not-there",
    setting: { files: { "march.csv": toCsv(people(1)), "april.csv": toCsv(people(2)) } },
    turns: [
      {
        says: asks("may.csv", "May visits"),
        script: [
          ...begin,
          { tool: "preview_batch_call", args: { ...reminder, name: "May visits", tasks_file: "may.csv" } },
        ],
      },
    ],
    expected: { ways: [[]], tells: [/may\.csv/, /march\.csv/] },
  },
];
