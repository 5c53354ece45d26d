/** Agents that are read at a time. */
const sideBySide = 4;

/** What is read of each, a few at a time, in their order. */
export async function readEach<Id, Row>(ids: readonly Id[], read: (id: Id) => Promise<Row>): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (let first = 0; first < ids.length; first += sideBySide)
    rows.push(...(await Promise.all(ids.slice(first, first + sideBySide).map(read))));
  return rows;
}
