const firstMs = 1_000;
const longestMs = 30_000;

/** How long to wait after so many failures in a row (1 for the first): 1 s, doubling, 30 s at the most. */
export function backOffMs(failures: number): number {
  return Math.min(firstMs * 2 ** (failures - 1), longestMs);
}
