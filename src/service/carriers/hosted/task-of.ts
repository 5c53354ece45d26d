import type { WaveTask } from "../../../contract/hosted-wave.ts";
import { numberFinder } from "../../../domain/phone/shown-number.ts";
import type { Send, SendLedger, SentCall } from "../../store/index.ts";

/**
 * The task of a call of a wave: with its number as it was sent, else the only one whose number, in whatever form, is that one among all that
 * were sent with it. By itself `02079460958` may be the number of somebody in another country as well.
 */
export async function taskOf(
  tasks: readonly WaveTask[],
  { send, call }: { readonly send: Pick<Send, "reference">; readonly call: Pick<SentCall, "toNumber"> },
  sends: Pick<SendLedger, "numbersOf">,
): Promise<WaveTask | undefined> {
  const asSent = tasks.find(({ toNumber }) => toNumber === call.toNumber);
  if (asSent) return asSent;
  const find = numberFinder([...new Set([...(await sends.numbersOf(send.reference)), call.toNumber])]);
  const [task, ...others] = tasks.filter(({ toNumber }) => find(toNumber) === call.toNumber);
  return others.length === 0 ? task : undefined;
}
