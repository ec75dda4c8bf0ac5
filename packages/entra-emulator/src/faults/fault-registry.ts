import type { EndpointName } from "../state/journal.js";
import type { Fault, FaultType, TokenOccasion } from "./fault.js";

const MAXIMUM_FAULTS = 500;

/** The request that a fault must match to apply. */
export interface FaultContext {
  readonly clientId?: string | undefined;
  readonly occasion?: TokenOccasion | undefined;
  readonly endpoint?: EndpointName | undefined;
}

type FaultOf<T extends FaultType> = Extract<Fault, { readonly type: T }>;

/** The active faults. */
export interface FaultRegistry {
  /** Adds a fault; returns a function that removes it. */
  add(fault: Fault): () => void;
  clear(): void;
  readonly active: readonly Fault[];
  /** Returns the faults that apply to the request, and counts each as used once. */
  take<T extends FaultType>(
    type: T,
    context: FaultContext,
  ): readonly FaultOf<T>[];
}

interface ActiveFault {
  readonly fault: Fault;
  remaining: number;
}

/** Creates a registry without faults. */
export function createFaultRegistry(): FaultRegistry {
  let entries: readonly ActiveFault[] = [];
  return {
    get active() {
      return entries.map((entry) => entry.fault);
    },
    add: (fault) => {
      const entry = {
        fault,
        remaining: fault.times ?? Number.POSITIVE_INFINITY,
      };
      entries = [...entries, entry].slice(-MAXIMUM_FAULTS);
      return () => {
        entries = entries.filter((other) => other !== entry);
      };
    },
    clear: () => {
      entries = [];
    },
    take: <T extends FaultType>(type: T, context: FaultContext) => {
      const taken: FaultOf<T>[] = [];
      for (const entry of entries) {
        if (!isOfType(entry.fault, type) || !fits(entry.fault, context))
          continue;
        entry.remaining -= 1;
        taken.push(entry.fault);
      }
      entries = entries.filter((entry) => entry.remaining > 0);
      return taken;
    },
  };
}

function isOfType<T extends FaultType>(
  fault: Fault,
  type: T,
): fault is FaultOf<T> {
  return fault.type === type;
}

function fits(fault: Fault, context: FaultContext): boolean {
  if (fault.clientId !== undefined && fault.clientId !== context.clientId)
    return false;
  if ("endpoint" in fault && fault.endpoint !== context.endpoint) return false;
  const occasions = "on" in fault ? fault.on : undefined;
  return (
    occasions === undefined ||
    (context.occasion !== undefined && occasions.includes(context.occasion))
  );
}
