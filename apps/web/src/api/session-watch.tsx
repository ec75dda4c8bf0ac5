import { parseAuthFailure, useAuth } from "@entrada/auth/react";
import { useQueryClient } from "@tanstack/react-query";
import type {
  MutationCacheNotifyEvent,
  QueryCacheNotifyEvent,
} from "@tanstack/react-query";
import { useEffect } from "react";

type CacheEvent = QueryCacheNotifyEvent | MutationCacheNotifyEvent;

/**
 * Asks again who is signed in as soon as any procedure says that nobody is, or that the person lacks a role: it may be
 * gone since the page was loaded.
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
