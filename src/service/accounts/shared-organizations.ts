import { type Sql, text } from "../store/index.ts";
import { type HashedKeys, loadOrganizations, toHashedKeys } from "./organizations.ts";

/**
 * The organizations of a shared store, which has the hashes of their keys and nothing else of them. The first process
 * that ever asks puts those of its credentials file there, and makes that file when it does not exist. The schema must be
 * the newest.
 */
export async function loadSharedOrganizations(sql: Sql, credentialsPath: string): Promise<readonly HashedKeys[]> {
  return sql.transaction(async (session) => {
    await session.query("LOCK TABLE batch_call.organizations IN SHARE ROW EXCLUSIVE MODE");
    const rows = await session.query("SELECT id, key_hash FROM batch_call.organizations");
    if (rows.length > 0)
      return rows.map((row) => ({ organizationId: text(row, "id"), hash: Buffer.from(text(row, "key_hash"), "hex") }));
    const keys = (await loadOrganizations(credentialsPath)).map(toHashedKeys);
    for (const { organizationId, hash } of keys) {
      await session.query("INSERT INTO batch_call.organizations (id, key_hash) VALUES ($1, $2)", [
        organizationId,
        hash.toString("hex"),
      ]);
    }
    return keys;
  });
}
