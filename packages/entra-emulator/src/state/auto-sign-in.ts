/** The person whom the next authorization requests sign in without a page. */
export interface AutoSignInRequest {
  readonly upn: string;
  /** The number of authorization requests; default 1. `always` applies until it is cleared. */
  readonly times?: number | "always" | undefined;
  /** What happens if consent is needed; default `accept`. */
  readonly consent?: "accept" | "decline" | "ask" | undefined;
}

/** Holds the pending {@link AutoSignInRequest}. */
export interface AutoSignIn {
  set(request: AutoSignInRequest | undefined): void;
  /** Returns the request, if any is left, and counts it as used once. */
  take(): AutoSignInRequest | undefined;
}

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
