"use strict";

// The floor of a start: answers `initialize` and `tools/list` out of two texts and loads nothing.
const answers = {
  initialize:
    '{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"floor","version":"1"}}',
  "tools/list": '{"tools":[]}',
};
let rest = "";
process.stdin.setEncoding("utf8").on("data", (chunk) => {
  const lines = (rest + chunk).split("\n");
  rest = lines.pop() ?? "";
  for (const line of lines) {
    const { id, method } = JSON.parse(line);
    if (id !== undefined) process.stdout.write(`{"jsonrpc":"2.0","id":${id},"result":${answers[method] ?? "{}"}}\n`);
  }
});
