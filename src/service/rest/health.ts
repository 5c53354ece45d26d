import { contractVersion } from "../../contract/routes.ts";
import type { Environment } from "../../domain/batch/batch.ts";
import { packageVersion } from "../../lib/version.ts";
import { sqliteSchemaSteps } from "../store/index.ts";

/** Body of GET /healthz: who runs here, and whether another copy of the program understands it. */
export function toHealthBody(environment: Environment) {
  return {
    status: "ok",
    service: "batch-call-mcp",
    version: packageVersion,
    contract_version: contractVersion,
    schema_version: sqliteSchemaSteps.length,
    environment,
  } as const;
}
