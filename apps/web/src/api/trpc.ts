import type { AppRouter } from "@entrada/api";
import {
  createTRPCClient,
  httpBatchLink,
  httpLink,
  splitLink,
} from "@trpc/client";
import type { TRPCClient, TRPCLink } from "@trpc/client";
import { createTRPCReact } from "@trpc/react-query";
import type { CreateTRPCReact } from "@trpc/react-query";
import { readAppPath } from "../app-address.js";

/** The procedures as React hooks. */
export const trpc: CreateTRPCReact<AppRouter, unknown> =
  createTRPCReact<AppRouter>();

/** Creates the client that hooks and sign-in share. */
export function createApiClient(
  links: TRPCLink<AppRouter>[] = [serverLink()],
): TRPCClient<AppRouter> {
  return createTRPCClient<AppRouter>({ links });
}

// Authentication requests are not batched, so that they do not wait for slow procedures.
function serverLink(): TRPCLink<AppRouter> {
  const transport = {
    url: `${readAppPath()}/trpc`,
    // A form or an image on another site cannot send this header (RFC 10017 §6.1.3.3).
    headers: { "x-csrf": "1" },
    fetch: fetchInTime,
  };
  return splitLink({
    condition: ({ path }) => path.startsWith("auth."),
    true: httpLink(transport),
    false: httpBatchLink({ ...transport, maxURLLength: 2_000, maxItems: 20 }),
  });
}

const requestTimeoutMilliseconds = 30_000;

// A server that does not respond in time counts as unreachable.
function fetchInTime(
  url: RequestInfo | URL,
  options?: Omit<RequestInit, "signal"> & {
    readonly signal?: AbortSignal | null | undefined;
  },
): Promise<Response> {
  const timeout = AbortSignal.timeout(requestTimeoutMilliseconds);
  const signal = options?.signal
    ? AbortSignal.any([options.signal, timeout])
    : timeout;
  return fetch(url, { ...options, signal });
}
