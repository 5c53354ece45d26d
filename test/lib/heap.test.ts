import fc from "fast-check";
import { expect, test } from "vitest";
import { Heap } from "../../src/lib/heap.ts";

test("gives out the least of many, also after the least one grew", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50)), fc.array(fc.nat(9)), fc.nat(50), (numbers, growths, filled) => {
      const heap = new Heap<{ of: number }>((a, b) => a.of < b.of);
      const items = numbers.map((of) => ({ of }));
      heap.fill(items.slice(0, filled));
      for (const item of items.slice(filled)) heap.add(item);
      for (const growth of growths) {
        const first = heap.first();
        if (!first) break;
        expect(first.of).toBe(Math.min(...heap.values().map(({ of }) => of)));
        first.of += growth;
        heap.firstChanged();
      }
      const left: number[] = [];
      for (let first = heap.first(); first; first = heap.first()) {
        left.push(first.of);
        heap.removeFirst();
      }
      expect(left).toEqual(items.map(({ of }) => of).toSorted((a, b) => a - b));
    }),
  );
});
