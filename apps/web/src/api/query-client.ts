import { parseAuthFailure } from "@entrada/auth/react";
import { QueryClient } from "@tanstack/react-query";
import { TRPCClientError } from "@trpc/client";

const mostRetries = 2;

/**
 * Creates the cache of the server's responses. Queries that the server refuses (4xx) are not retried, except once after
 * `not_signed_in`: a sign-in in another tab may have replaced the session, and the next request sends the new one.
 */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        retry: (failures, error) => failures < countRetries(error),
      },
    },
  });
}

function countRetries(error: unknown): number {
  if (parseAuthFailure(error).code === "not_signed_in") return 1;
  return isRefusal(error) ? 0 : mostRetries;
}

function isRefusal(error: unknown): boolean {
  if (!(error instanceof TRPCClientError)) return false;
  const status: unknown = error.data?.httpStatus;
  return typeof status === "number" && status >= 400 && status < 500;
}
