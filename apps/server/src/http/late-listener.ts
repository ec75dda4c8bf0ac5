import type { RequestListener } from "node:http";

/** A listener whose parts are loaded after the server has begun to listen. */
export interface LateListener {
  /** Takes requests from the first moment on, and lets them wait for the parts. */
  readonly listen: RequestListener;
  /** Loads the parts, once. @throws whatever loading them throws. */
  readonly load: () => Promise<void>;
}

/**
 * Makes a listener of parts that take longer to load than everything that has to be there before a server can answer
 * whether it lives, and who is signed in.
 */
export function createLateListener(
  loadParts: () => Promise<RequestListener>,
): LateListener {
  let loading: Promise<RequestListener> | undefined;
  const load = () => (loading ??= loadParts());

  return {
    listen: (incoming, outgoing) => {
      load().then(
        (listener) => listener(incoming, outgoing),
        // Whoever called `load` learns why, and ends the server.
        () => outgoing.destroy(),
      );
    },
    load: async () => {
      await load();
    },
  };
}
