import { useEffect, useRef, useState } from "react";
import type { RefObject } from "react";

/** A button that shows and hides a panel. */
export interface Disclosure {
  readonly isOpen: boolean;
  readonly toggle: () => void;
  readonly close: () => void;
  /** The element that contains the button and the panel. */
  readonly area: RefObject<HTMLDivElement | null>;
  /** The button, which receives the focus when the Escape key closes the panel. */
  readonly trigger: RefObject<HTMLButtonElement | null>;
}

/** Returns the state of a disclosure that closes with the Escape key and when focus or pointer leave it. */
export function useDisclosure(): Disclosure {
  const [isOpen, setOpen] = useState(false);
  const area = useRef<HTMLDivElement>(null);
  const trigger = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    if (!isOpen) return undefined;

    const listening = new AbortController();
    const { signal } = listening;
    const closeOutside = ({ target }: Event) => {
      const isInside = target instanceof Node && area.current?.contains(target);
      if (!isInside) setOpen(false);
    };
    const closeByKey = ({ key }: KeyboardEvent) => {
      if (key !== "Escape") return;
      setOpen(false);
      trigger.current?.focus();
    };
    document.addEventListener("pointerdown", closeOutside, { signal });
    document.addEventListener("focusin", closeOutside, { signal });
    document.addEventListener("keydown", closeByKey, { signal });
    return () => listening.abort();
  }, [isOpen]);

  return {
    isOpen,
    toggle: () => setOpen((wasOpen) => !wasOpen),
    close: () => setOpen(false),
    area,
    trigger,
  };
}
