import { toTodaysNumber } from "../phone/phone-number.ts";
import { readSaid, saysOptedOut, saysWrongNumber } from "../said.ts";
import { answerPrefix, isResultsHeader } from "./result-columns.ts";
import type { HeldNumbers } from "./table.ts";

/** `isHeld`: the row was left out for that already, so that no column of results has its number. */
export type SaidInRow = HeldNumbers & { readonly isHeld: boolean };

type Cells = readonly string[];

/** One export's columns of a file: another export of a file of results adds its own, `result_reason_2`. */
type Export = {
  cell(cells: Cells, key: string): string;
  readonly answers: readonly (readonly [name: string, index: number])[];
};

/** Reads what each row of a file of results says, by the names of its columns; undefined for any other table. */
export function readerOfResults(names: readonly string[]): ((cells: Cells) => SaidInRow) | undefined {
  if (!isResultsHeader(names)) return undefined;
  const exports = exportsOf(names);
  return (cells) => {
    const said = exports.map((one) => saidOf(cells, one));
    return {
      wrongNumbers: said.flatMap(({ wrongNumbers }) => wrongNumbers),
      optedOut: said.flatMap(({ optedOut }) => optedOut),
      isHeld: said.some(({ isHeld }) => isHeld),
    };
  };
}

function exportsOf(names: readonly string[]): readonly Export[] {
  const places = new Map(names.map((name, index) => [name.trim(), index]));
  const endings = names.flatMap((name) => /^result_reason((?:_\d+)?)$/.exec(name.trim())?.[1] ?? []);
  const answers = names.flatMap((name, index) =>
    name.startsWith(answerPrefix) ? [[name.slice(answerPrefix.length).replace(/_\d+$/, ""), index] as const] : [],
  );
  return endings.map((ending, at) => ({
    cell: (cells, key) => cells[places.get(`result_${key}${ending}`) ?? -1] ?? "",
    answers: at === 0 ? answers : [],
  }));
}

function saidOf(cells: Cells, { cell, answers }: Export): SaidInRow {
  const reason = cell(cells, "reason");
  const said = readSaid(Object.fromEntries(answers.map(([name, index]) => [name, cells[index]])));
  const wrong = saysWrongNumber(reason) || said?.wrongNumber ? lastDialed(cells, cell) : [];
  const hasNumber = cell(cells, "to_number") !== "" || cell(cells, "wrong_numbers") !== "";
  const isHeld = !hasNumber && /^Is not called again: (?:who answered|they asked|its results say)/.test(reason);
  return {
    wrongNumbers: [...numbersIn(cell(cells, "wrong_numbers")), ...wrong],
    optedOut:
      saysOptedOut(reason) || said?.optOut
        ? ["to_number", "fallback_number"].flatMap((key) => numbersIn(cell(cells, key)))
        : [],
    isHeld,
  };
}

/** The number of the last attempt, in a list that may tell only whose turn it was. */
function lastDialed(cells: Cells, cell: Export["cell"]): readonly string[] {
  const [, last] = /.*(?:^|; )\d+ '?(\+\d+) /.exec(cell(cells, "each_attempt")) ?? [];
  if (last !== undefined) return numbersIn(last);
  return numbersIn(cell(cells, Number(cell(cells, "fallback_attempts")) > 0 ? "fallback_number" : "to_number"));
}

function numbersIn(text: string): readonly string[] {
  return (text.match(/\+\d{6,15}/g) ?? []).map(toTodaysNumber);
}
