import { parseAuthFailure, useAuth } from "@entrada/auth/react";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

/** Asks again who is signed in as soon as any procedure says that nobody is. */
export function SessionWatch(): undefined {
  const queryClient = useQueryClient();
  const { refresh } = useAuth();

  useEffect(
    () =>
      queryClient.getQueryCache().subscribe((event) => {
        if (event.type !== "updated" || event.action.type !== "error") return;
        if (parseAuthFailure(event.action.error).code === "not_signed_in") {
          void refresh();
        }
      }),
    [queryClient, refresh],
  );

  return undefined;
}
