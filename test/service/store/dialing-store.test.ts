import { openSqliteStore } from "../../../src/service/store/sqlite/store.ts";
import { describeDialStore } from "./dialing-suite.ts";

describeDialStore("SQLite store, dialing", async () => openSqliteStore(":memory:"), 100);
