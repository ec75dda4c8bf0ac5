import { useEffect, useRef, useState } from "react";
import type { RefObject } from "react";

/** A button that shows and hides something next to it. */
export interface Disclosure {
  readonly isOpen: boolean;
  readonly toggle: () => void;
  readonly close: () => void;
  /** The element that holds both the button and what it shows. */
  readonly area: RefObject<HTMLDivElement | null>;
  /** The button: gets the focus back when the Escape key closes. */
  readonly trigger: RefObject<HTMLButtonElement | null>;
}

/** Keeps a disclosure that closes by the Escape key, and when focus or pointer go elsewhere. */
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
