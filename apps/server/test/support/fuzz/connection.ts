import { connect } from "node:net";
import { parseAnswer } from "./answers.js";
import type { FuzzAnswer } from "./answers.js";
import type { FuzzRequest } from "./wire.js";

/** How a connection on which requests went out came to its end. */
export interface FuzzExchange {
  /** In the order of the requests; fewer than them where the server closed the connection. */
  readonly answers: readonly FuzzAnswer[];
  readonly ending: "answered" | "closed" | "hung" | "garbled";
}

/** This is no measurement: whoever has not answered by then never will. */
const deadlineMilliseconds = 20_000;

/**
 * Sends requests at once, one behind the other on a connection of their own, and returns what came back when each is
 * answered, when the server has closed the connection, or when nothing has come for too long.
 */
export function exchange(
  port: number,
  requests: readonly FuzzRequest[],
): Promise<FuzzExchange> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "localhost" });
    const answers: FuzzAnswer[] = [];
    let received = Buffer.alloc(0);
    const finish = (ending: FuzzExchange["ending"]) => {
      clearTimeout(deadline);
      socket.destroy();
      resolve({ answers, ending });
    };
    const deadline = setTimeout(() => finish("hung"), deadlineMilliseconds);
    const read = (isClosed: boolean) => {
      for (
        let next = requests[answers.length];
        next !== undefined;
        next = requests[answers.length]
      ) {
        const parsed = parseAnswer(received, next.method, isClosed);
        if (parsed === undefined) return;
        answers.push(parsed.answer);
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
      if (answers.length === requests.length) finish("answered");
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
