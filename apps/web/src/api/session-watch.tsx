import { parseAuthFailure, useAuth } from "@entrada/auth/react";
import { useQueryClient } from "@tanstack/react-query";
import type {
  MutationCacheNotifyEvent,
  QueryCacheNotifyEvent,
} from "@tanstack/react-query";
import { useEffect } from "react";

type CacheEvent = QueryCacheNotifyEvent | MutationCacheNotifyEvent;

/**
 * Reloads the signed-in user when a procedure fails with `not_signed_in` or `role_required`: the session or the role
 * may have been lost since the page was loaded.
 */
export function SessionWatch(): undefined {
  const queryClient = useQueryClient();
  const { refresh } = useAuth();

  useEffect(() => {
    const watch = (event: CacheEvent) => {
      if (event.type !== "updated" || !("error" in event.action)) return;
      const { code } = parseAuthFailure(event.action.error);
      if (code === "not_signed_in" || code === "role_required") void refresh();
    };
    const stopWatching = [
      queryClient.getQueryCache().subscribe(watch),
      queryClient.getMutationCache().subscribe(watch),
    ];
    return () => stopWatching.forEach((stop) => stop());
  }, [queryClient, refresh]);

  return undefined;
}
