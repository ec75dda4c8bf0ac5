import { parseAuthFailure } from "@entrada/auth/react";
import { QueryClient } from "@tanstack/react-query";
import { TRPCClientError } from "@trpc/client";

const mostRetries = 2;

/**
 * Creates the cache of what the server answered. What the server refuses (4xx) is not asked again, `not_signed_in`
 * excepted: a sign-in in another tab may have replaced the session just then, and the next request carries the new one.
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
