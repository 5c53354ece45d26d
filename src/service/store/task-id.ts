import { randomUUID } from "node:crypto";

export function newTaskId(): string {
  return `task_${randomUUID().replaceAll("-", "")}`;
}
