import type { ServerResponse } from "node:http";

/** One sending of something to somebody. */
export type Transfer = {
  /** Whether so many bytes and the end of them arrived, as far as this machine can know; settles when the connection is over. */
  arrived(size: number): Promise<boolean>;
  /** Somebody waits for its end: it is over when nothing moves for a second. */
  hurry(): void;
};

// A client that has all closes its side at once; one that does not within this is taken for gone.
const closesWithinMs = 10_000;
const hangsAfterMs = 1000;

/**
 * Follows a response to the end of its connection, which has to be asked for with `Connection: close`. That the last byte was handed to
 * the system says little: megabytes may still be on their way. So the connection is only half closed then, and a client that has all
 * closes its half; one that broke off resets the connection, or is silent.
 */
export function watchTransfer(outgoing: ServerResponse): Transfer {
  const { socket } = outgoing;
  if (!socket) return { arrived: async () => false, hurry: () => {} };
  const before = socket.bytesWritten;
  const endWhenSilent = (ms: number): void => void socket.setTimeout(ms, () => socket.destroy());
  // What Node does after the last byte; its own way lets go of the connection without waiting for the other side.
  socket.destroySoon = () => {
    endWhenSilent(closesWithinMs);
    socket.end();
  };
  let written = 0;
  socket.once("end", () => {
    written = socket.bytesWritten - before;
  });
  const closed = new Promise<boolean>((resolve) => {
    socket.once("close", (hadError) => resolve(!hadError));
  });
  return { arrived: async (size) => (await closed) && written >= size, hurry: () => endWhenSilent(hangsAfterMs) };
}
