import fc from "fast-check";
import { expect, test } from "vitest";
import { SortedList } from "../../src/lib/sorted-list.ts";

test("keeps what is added in order, whatever is added and removed", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(30))), fc.nat(30), (steps, least) => {
      const list = new SortedList<number>((a, b) => a - b);
      const kept = new Set<number>();
      for (const [isAdded, number] of steps) {
        if (!isAdded) list.remove(number);
        else if (!kept.has(number)) list.add(number);
        if (isAdded) kept.add(number);
        else kept.delete(number);
      }
      const sorted = [...kept].toSorted((a, b) => a - b);
      expect(list.items).toEqual(sorted);
      expect([...list.from((number) => number >= least)]).toEqual(sorted.filter((number) => number >= least));
    }),
  );
});
