import { readFile } from "node:fs/promises";

/** Resident memory of a process in MB of 2^20 bytes, from Linux's /proc. */
export async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

/** Time that a process had on processors, in milliseconds, all of its threads together. */
export async function cpuMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const [user, system] = stat.slice(stat.lastIndexOf(")")).split(" ").slice(12, 14).map(Number);
  const msPerTick = 10;
  return ((user ?? 0) + (system ?? 0)) * msPerTick;
}
