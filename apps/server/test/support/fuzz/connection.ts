import { connect } from "node:net";
import { parseResponse } from "./responses.js";
import type { FuzzResponse } from "./responses.js";
import type { FuzzRequest } from "./wire.js";

/** The outcome of sending requests over one connection. */
export interface FuzzExchange {
  /** In the order of the requests; fewer if the server closed the connection. */
  readonly responses: readonly FuzzResponse[];
  readonly ending: "complete" | "closed" | "hung" | "garbled";
}

/** Long enough to conclude that the server does not respond. */
const deadlineMilliseconds = 20_000;

/**
 * Sends pipelined requests over a new connection. Returns the responses when all have arrived, when the server has closed
 * the connection, or after the deadline.
 */
export function exchange(
  port: number,
  requests: readonly FuzzRequest[],
): Promise<FuzzExchange> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "localhost" });
    const responses: FuzzResponse[] = [];
    let received = Buffer.alloc(0);
    const finish = (ending: FuzzExchange["ending"]) => {
      clearTimeout(deadline);
      socket.destroy();
      resolve({ responses, ending });
    };
    const deadline = setTimeout(() => finish("hung"), deadlineMilliseconds);
    const read = (isClosed: boolean) => {
      for (
        let next = requests[responses.length];
        next !== undefined;
        next = requests[responses.length]
      ) {
        const parsed = parseResponse(received, next.method, isClosed);
        if (parsed === undefined) return;
        responses.push(parsed.response);
        received = received.subarray(parsed.end);
      }
    };
    const proceed = (isClosed: boolean) => {
      try {
        read(isClosed);
      } catch {
        finish("garbled");
        return;
      }
      if (responses.length === requests.length) finish("complete");
      else if (isClosed) finish("closed");
    };
    socket.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      proceed(false);
    });
    socket.on("error", () => undefined);
    socket.on("close", () => proceed(true));
    send(socket, requests);
  });
}

function send(
  socket: ReturnType<typeof connect>,
  requests: readonly FuzzRequest[],
): void {
  for (const { bytes } of requests) socket.write(bytes);
  if (requests.some(({ isCutShort }) => isCutShort)) socket.end();
}
