/** What goes wrong with one request that writes. A number is answered as an HTTP status. */
export const wireFaults = [
  "refused",
  "unknown_name",
  "tls_to_a_plain_port",
  "tls_self_signed",
  "reset_before_body",
  "reset_after_body",
  "silence",
  408,
  421,
  429,
  500,
  502,
  503,
  504,
  "redirect",
  "truncated",
  "garbled",
  "late_answer",
  "late_request",
] as const;
export type WireFault = (typeof wireFaults)[number];

/** `at_once`, or after the client has given up (`late`), or `never`: when the API takes the request. */
export type Arrival = "at_once" | "late" | "never";

/** One way in which a fault goes, by the number of the run. */
export type FaultPlan = { readonly fault: WireFault; readonly arrival: Arrival; readonly run: number };

export function planFault(fault: WireFault, run: number): FaultPlan {
  const arrivals = arrivalsOf(fault);
  return { fault, run, arrival: arrivals[run % arrivals.length] ?? "never" };
}

function arrivalsOf(fault: WireFault): readonly Arrival[] {
  switch (fault) {
    case "refused":
    case "unknown_name":
    case "tls_to_a_plain_port":
    case "tls_self_signed":
    case "reset_before_body":
    // By convention, who says "too many requests" has not taken this one.
    case 429:
      return ["never"];
    case "truncated":
    case "late_answer":
      return ["at_once"];
    case "late_request":
      return ["late"];
    case "reset_after_body":
    case "silence":
    case "redirect":
    case "garbled":
    case 408:
    case 421:
    case 500:
    case 502:
    case 503:
    case 504:
      return ["at_once", "never"];
  }
}

/** True where nothing of the request, the keys in it included, leaves this machine's client. */
export function isUnsent(fault: WireFault): boolean {
  return unsent.has(fault);
}

const unsent: ReadonlySet<WireFault> = new Set<WireFault>([
  "refused",
  "unknown_name",
  "tls_to_a_plain_port",
  "tls_self_signed",
]);
