import type { RequestListener } from "node:http";

/** A listener whose modules are loaded after the server has started to listen. */
export interface LateListener {
  /** Accepts requests at once, and handles them when the modules are loaded. */
  readonly listen: RequestListener;
  /** Loads the modules once. @throws the error of loading them. */
  readonly load: () => Promise<void>;
}

/**
 * Creates a listener whose modules are loaded late, because loading them takes longer than everything else that the
 * server needs to respond to `/healthz` and `auth.me`.
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
        // The caller of `load` receives the error and stops the server.
        () => outgoing.destroy(),
      );
    },
    load: async () => {
      await load();
    },
  };
}
