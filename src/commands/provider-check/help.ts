import { type PlatformName, platformNames } from "../../config/carrier.ts";
import { answeredBy, openQuestions } from "./open-questions.ts";

/** What a person is asked, and what is measured of that platform, or of each. */
export function helpLines(name: string | undefined): readonly string[] {
  const named = platformNames.filter((one) => one === name);
  return [
    "",
    "It reads the account, says which phone will ring and what that costs, and asks you to agree: you type the number once more,",
    'or "yes" where BATCH_CALL_TEST_NUMBERS has it. It asks you to press Enter when the phone rings, and how often it rang.',
    "It needs BATCH_CALL_CARRIER and BATCH_CALL_CARRIER_KEY of the platform, and a terminal. One request is sent, never a second.",
    ...(named.length > 0 ? named : platformNames).flatMap(questionsOf),
  ];
}

function questionsOf(name: PlatformName): readonly string[] {
  const answers = answeredBy(name);
  const lines = openQuestions[name].map(({ asks }, index) => [
    `  ${index + 1}. ${asks}`,
    `     ${toAnswer(answers[index])}`,
  ]);
  return ["", `What docs/providers/${name}.md asks, and which measurement answers it:`, ...lines.flat()];
}

function toAnswer(line = ""): string {
  return line.replace(/^\d+: /, "");
}
