import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { LoginNeeded, pageSource } from "./source.ts";

/** What every page is given: the bar above it, and what to do where the server wants a login first. */
export type PageProps = { readonly leave: () => void; readonly children: ComponentChildren };

/** What was read last, and what went wrong since. `read` is done again when `key` changes and every time the server tells of a change. */
export function useRead<T>(read: () => Promise<T>, key: string, leave: () => void, isWatched = false) {
  const [data, setData] = useState<T>();
  const [error, setError] = useState<string>();
  useEffect(() => {
    let isGone = false;
    const look = (): void => {
      read().then(
        (told) => {
          if (isGone) return;
          setData(told);
          setError(undefined);
        },
        (problem: unknown) => {
          if (isGone) return;
          if (problem instanceof LoginNeeded) leave();
          else setError(problem instanceof Error ? problem.message : String(problem));
        },
      );
    };
    look();
    const stop = isWatched ? pageSource.watch?.(undefined, look) : undefined;
    return () => {
      isGone = true;
      stop?.();
    };
  }, [key]);
  return { data, error };
}

export function Page({
  title: heading,
  error,
  top,
  children,
}: {
  readonly title: string;
  readonly error?: string | undefined;
  readonly top: ComponentChildren;
  readonly children: ComponentChildren;
}) {
  return (
    <main>
      {top}
      <h1 class="page">{heading}</h1>
      {error === undefined ? null : (
        <p class="notice bad" role="alert">
          {error}
        </p>
      )}
      <section aria-label={heading}>{children}</section>
    </main>
  );
}

type Rows<T> = {
  /** Read to who cannot see the table. */
  readonly caption: string;
  readonly columns: readonly string[];
  /** The column of numbers, which stands to the right. */
  readonly numberColumn?: string;
  readonly rows: readonly T[] | undefined;
  /** Stands in place of the table where there are no rows. */
  readonly empty?: string;
  readonly children: (row: T, at: number) => ComponentChildren;
};

/** A table of what was read; nothing before that. */
export function Table<T>({ caption, columns, numberColumn, rows, empty, children: toRow }: Rows<T>) {
  if (!rows) return null;
  if (rows.length === 0) return empty ? <p class="quiet">{empty}</p> : null;
  return (
    <table>
      <caption class="hidden">{caption}</caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column} scope="col" class={column === numberColumn ? "number" : undefined}>
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{rows.map(toRow)}</tbody>
    </table>
  );
}
