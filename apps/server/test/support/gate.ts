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
  let arrivals = 0;
  let onArrival: () => void = () => undefined;
  let open: () => void = () => undefined;
  const isOpen = new Promise<void>((resolve) => {
    open = resolve;
  });
  return {
    pass: () => {
      arrivals += 1;
      onArrival();
      return isOpen;
    },
    countArrivals: () => arrivals,
    waitForArrivals: (count) =>
      new Promise((resolve) => {
        onArrival = () => {
          if (arrivals >= count) resolve();
        };
        onArrival();
      }),
    open: () => open(),
  };
}
