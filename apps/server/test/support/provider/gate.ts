import { once, setMaxListeners } from "node:events";

/** Holds callers until it is opened, so that a test decides which calls are pending at the same time. */
export interface Gate {
  /** Waits until the gate is open. */
  readonly pass: () => Promise<void>;
  /** Returns the number of callers so far. */
  readonly countArrivals: () => number;
  /** Waits for this number of callers. */
  readonly waitForArrivals: (count: number) => Promise<void>;
  /** Opens the gate for present and future callers. */
  readonly open: () => void;
}

/** Creates a closed gate. */
export function createGate(): Gate {
  const events = new EventTarget();
  setMaxListeners(0, events);
  let arrivals = 0;
  let isOpen = false;
  return {
    pass: async () => {
      arrivals += 1;
      events.dispatchEvent(new Event("arrival"));
      if (!isOpen) await once(events, "opening");
    },
    countArrivals: () => arrivals,
    waitForArrivals: async (count) => {
      for (let left = count - arrivals; left > 0; left -= 1)
        await once(events, "arrival");
    },
    open: () => {
      isOpen = true;
      events.dispatchEvent(new Event("opening"));
    },
  };
}
