/** The earliest of the instants; undefined when there is none. */
export function earliest(...instants: readonly (Date | undefined)[]): Date | undefined {
  return instants.reduce((first, at) => (first && at && at >= first ? first : (at ?? first)), undefined);
}
