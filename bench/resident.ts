import { readFile } from "node:fs/promises";

/** Resident memory of a process in MB of 2^20 bytes, from Linux's /proc. */
export async function residentMbOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}
