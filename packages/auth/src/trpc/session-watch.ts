import {
  isObservable,
  observableToAsyncIterable,
} from "@trpc/server/observable";
import { isAuthError } from "../core/error.js";
import type { RequestAuth } from "../http/request-auth.js";
import { toTrpcError } from "./error-formatter.js";

/** How often an open stream reads its session again. */
export const recheckMilliseconds = 60_000;

/**
 * Returns the output of a subscription that ends with an error when the session has ended. The session is read again
 * every minute and is not renewed, so an open page does not stay signed in. An outage of the database ends the stream
 * too, and the client connects again.
 *
 * @param output What the subscription returned. Anything but a stream is returned as it is, and tRPC refuses it.
 */
export function watchSession(
  output: unknown,
  auth: Pick<RequestAuth, "recheckSession">,
  signal: AbortSignal | undefined,
): unknown {
  const stream = isObservable(output)
    ? observableToAsyncIterable(output, signal ?? new AbortController().signal)
    : output;
  return isAsyncIterable(stream)
    ? watchStream(stream, () => auth.recheckSession(), signal)
    : stream;
}

/** Calls `recheck` every minute until it fails, and then calls `onEnd` once. Returns a function that stops this. */
export function startWatch(
  recheck: () => Promise<void>,
  onEnd: (error: unknown) => void,
): () => void {
  const timer = setInterval(() => {
    recheck().catch((error: unknown) => {
      clearInterval(timer);
      onEnd(error);
    });
  }, recheckMilliseconds);
  timer.unref();
  return () => clearInterval(timer);
}

function watchStream(
  stream: AsyncIterable<unknown>,
  recheck: () => Promise<void>,
  signal: AbortSignal | undefined,
): AsyncIterable<unknown> {
  return {
    [Symbol.asyncIterator]: () => {
      const iterator = stream[Symbol.asyncIterator]();
      let failure: { readonly error: unknown } | undefined;
      let rejectPending: ((error: unknown) => void) | undefined;

      const stop = startWatch(recheck, (error) => {
        failure = { error: isAuthError(error) ? toTrpcError(error) : error };
        rejectPending?.(failure.error);
        // Not awaited, because the stream may be waiting for its next value.
        void endQuietly(iterator);
      });
      const read = async () => {
        try {
          const result = await iterator.next();
          if (result.done === true) stop();
          return result;
        } catch (error) {
          stop();
          throw error;
        }
      };
      // A client that disconnects while the stream waits does not call `return` before the next value.
      signal?.addEventListener("abort", stop, { once: true });

      return {
        next: () =>
          new Promise((resolve, reject) => {
            if (failure !== undefined) return reject(failure.error);
            rejectPending = reject;
            read().then(resolve, reject);
          }),
        return: async () => {
          stop();
          await iterator.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}

async function endQuietly(iterator: AsyncIterator<unknown>): Promise<void> {
  try {
    await iterator.return?.();
  } catch {
    // The client receives the end of the session.
  }
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return (
    typeof value === "object" && value !== null && Symbol.asyncIterator in value
  );
}
