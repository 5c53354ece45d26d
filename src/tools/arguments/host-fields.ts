/**
 * What hosts are known to put beside the arguments of a tool, for their own use. Dropped where the tool has no such argument;
 * anything else that it does not have is refused, because it may say whom to call or when.
 */
export const hostFields: ReadonlySet<string> = new Set([
  // n8n, its MCP Client Tool before the fix of pull request 23167: https://github.com/n8n-io/n8n/issues/21500
  "toolCallId",
  // n8n, the fields of its chat trigger: https://github.com/n8n-io/n8n/issues/22787, https://github.com/hald/things-mcp/pull/30,
  // and all four in src/middleware/n8n_middleware.py of CodeAlive-AI/codealive-mcp
  "sessionId",
  "action",
  "chatInput",
  // Cline, its to-do list: https://github.com/cline/cline/issues/8256
  "task_progress",
]);
