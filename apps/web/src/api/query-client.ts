import { QueryClient } from "@tanstack/react-query";
import { TRPCClientError } from "@trpc/client";

const mostRetries = 2;

/** Creates the cache of what the server answered. What the server refuses (4xx) is not asked again. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        retry: (failures, error) => failures < mostRetries && !isRefusal(error),
      },
    },
  });
}

function isRefusal(error: unknown): boolean {
  if (!(error instanceof TRPCClientError)) return false;
  const status: unknown = error.data?.httpStatus;
  return typeof status === "number" && status >= 400 && status < 500;
}
