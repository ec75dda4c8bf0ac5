import { once, setMaxListeners } from "node:events";

/** Holds whoever comes until it is opened, so that a test decides what is under way at the same time. */
export interface Gate {
  /** Comes to the gate and waits until it is open. */
  readonly pass: () => Promise<void>;
  /** How many have come so far. */
  readonly countArrivals: () => number;
  /** Waits until so many have come. */
  readonly waitForArrivals: (count: number) => Promise<void>;
  /** Opens it for all who have come and will come. */
  readonly open: () => void;
}

/** Makes a gate that is shut. */
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
