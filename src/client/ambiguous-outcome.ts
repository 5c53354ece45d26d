import { Problem } from "../domain/problem.ts";

/** True unless the answer proves that nothing was made. Whatever we do not know, a defect of ours included, proves nothing. */
export function mayHaveSucceeded(error: unknown): boolean {
  if (!(error instanceof Problem)) return true;
  return error.code === "outcome_unknown" || error.code === "bad_response" || error.code === "internal";
}

/** The same problem, saying how a create without an answer is settled. */
export function withAdvice(problem: Problem): Problem {
  const advice =
    "In two minutes, create_batch_call with the same arguments finds that batch and says how it stands, or makes the batch if there is none; it never makes a second one.";
  return new Problem(problem.code, `${problem.message} ${advice}`, { issues: problem.issues, cause: problem });
}

export function notShownYet(): Problem {
  const message =
    "An earlier create of the same content got no answer, and the API does not show its batch yet. It may still appear. It was sent as a draft, which calls nobody; whether the API made it one is known only when it is found: list_batches shows its status.";
  return withAdvice(new Problem("outcome_unknown", message));
}

/** For a draft that the API says it made, and that could not be read back. */
export function notReadBack(batchId: string, error: Problem): Problem {
  const why = error.message.replace(notOfTheCreate, "").trim();
  const message = `The API answered that it made ${batchId} as a draft, and it could not be read back: ${why} Nobody is called: nothing was started here. create_batch_call with the same arguments finds that batch and reads it again; it never makes a second one.`;
  return new Problem("outcome_unknown", message, { cause: error });
}

// What a failed read advises is about its own arguments, and that nothing changed is true of the read alone.
const notOfTheCreate =
  / (Nothing (was )?changed\.|Try again later\.|Take ids from [^.]*\.|Check that BATCH_CALL_API_URL [^.]*\.)/g;

/** For a draft that is not what was sent. `how` says where it was left. */
export function wrongDraft(different: readonly string[], how: string, cause?: unknown): Problem {
  return new Problem(
    "bad_response",
    `The API made a draft that is not what was sent: ${different.join("; ")}. ${how}`,
    { cause },
  );
}
