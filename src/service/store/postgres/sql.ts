import type { Row } from "../rows.ts";

export type PgValue =
  | string
  | number
  | null
  | readonly string[]
  | readonly number[]
  | readonly (string | number | null)[];

/** PostgreSQL as the store uses it: a pool of connections, or one that stands in for it. `bigint` comes as a number. */
export type Sql = SqlSession & {
  /**
   * Runs `work` on one connection in one transaction (READ COMMITTED): everything in it happens, or nothing. When the
   * connection is lost at the very end, it can have happened although this rejects.
   */
  transaction<T>(work: (session: SqlSession) => Promise<T>): Promise<T>;
  /**
   * Calls back after each notification on that channel, and each time that it listens again after its connection was lost: one may
   * have been missed. Returns how to end it.
   */
  listen(channel: string, onNotice: () => void): () => Promise<void>;
  close(): Promise<void>;
};

export type SqlSession = {
  query(text: string, values?: readonly PgValue[]): Promise<readonly Row[]>;
  /** Several statements, without values. */
  script(text: string): Promise<void>;
};
