import { parsePhoneNumber } from "../src/domain/phone/phone-number.ts";
import { isIssue } from "../src/domain/problem.ts";
import { differenceFromLibrary, planTexts } from "../test/support/judged-by-library.ts";
import { Random } from "../test/support/random.ts";
import { writtenNumbers } from "../test/support/written-numbers.ts";
import { parseOptions } from "./parse-options.ts";

// Numbers of all countries as people write them, each in a list of its own country. Fails when one is read as another
// subscriber than meant; what is refused is counted by form. `--texts N` holds as many texts, of subscribers and of nobody, against the library:
// it fails when one is read otherwise than the library reads it.
const { values } = parseOptions({
  options: {
    numbers: { type: "string", default: "100000" },
    texts: { type: "string", default: "0" },
    seed: { type: "string", default: "1" },
  },
});

const wanted = Number(values.numbers);
const byForm = new Map<string, { read: number; refused: number }>();
const strangers: string[] = [];
let seen = 0;
const begunAt = performance.now();
for (const { form, country, text, meant } of writtenNumbers(new Random(Number(values.seed)))) {
  const parsed = parsePhoneNumber(text, country);
  const counts = byForm.get(form) ?? { read: 0, refused: 0 };
  byForm.set(form, counts);
  if (isIssue(parsed)) counts.refused++;
  else counts.read++;
  if (!isIssue(parsed) && parsed.e164 !== meant) strangers.push(`${form}: ${text} in ${country} is ${parsed.e164}`);
  if (++seen >= wanted) break;
}

console.table(Object.fromEntries(byForm));
console.log(`${seen} numbers in ${((performance.now() - begunAt) / 1000).toFixed(1)} s`);
console.log(`${strangers.length} read as another subscriber than meant`);
for (const stranger of strangers.slice(0, 20)) console.log(stranger);

const differences: string[] = [];
let judged = 0;
const texts = Number(values.texts);
if (texts > 0) {
  for (const text of planTexts(new Random(Number(values.seed)))) {
    const difference = differenceFromLibrary(text);
    if (difference !== undefined) differences.push(difference);
    if (++judged >= texts) break;
  }
  console.log(`${judged} texts, seed ${values.seed}: ${differences.length} read otherwise than the library reads them`);
  for (const difference of differences.slice(0, 20)) console.log(difference);
}
if (strangers.length + differences.length > 0) process.exitCode = 1;
