/** Loaded before a server that is measured, with `--expose-gc`: answers each message of the process that started it with the heap that is held, in MB of 2^20 bytes. */
process.on("message", () => {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  process.send?.((heapUsed + external) / 2 ** 20);
});
process.channel?.unref();
