/** Whom the next authorization requests sign in without showing a page. */
export interface AutoSignInRequest {
  readonly upn: string;
  /** How many authorization requests; default 1. `always` lasts until it is cleared. */
  readonly times?: number | "always" | undefined;
  /** What happens where the consent page would show; default `accept`. */
  readonly consent?: "accept" | "decline" | "ask" | undefined;
}

/** Holds the pending {@link AutoSignInRequest}. */
export interface AutoSignIn {
  set(request: AutoSignInRequest | undefined): void;
  /** Returns the request and counts it down. */
  take(): AutoSignInRequest | undefined;
}

/** Creates the holder. */
export function createAutoSignIn(): AutoSignIn {
  let pending: AutoSignInRequest | undefined;
  let remaining = 0;
  return {
    set: (request) => {
      pending = request;
      remaining =
        request?.times === "always"
          ? Number.POSITIVE_INFINITY
          : (request?.times ?? 1);
    },
    take: () => {
      if (pending === undefined || remaining <= 0) return undefined;
      remaining -= 1;
      return pending;
    },
  };
}
