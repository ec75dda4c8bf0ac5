import { useRouter } from "@tanstack/react-router";
import { useEffect } from "react";
import type { RefObject } from "react";

/**
 * Moves the focus to the main heading after a change of page, so that a screen reader announces it and continues there.
 */
export function useHeadingFocus(main: RefObject<HTMLElement | null>): void {
  const router = useRouter();

  useEffect(
    () =>
      router.subscribe("onRendered", ({ fromLocation, pathChanged }) => {
        // On the first page the browser itself starts at the top.
        if (fromLocation === undefined || !pathChanged) return;
        const heading = main.current?.querySelector<HTMLElement>("h1");
        heading?.focus({ preventScroll: true });
      }),
    [router, main],
  );
}
