import { afterEach, beforeEach, describe, expect, test } from "vitest";
