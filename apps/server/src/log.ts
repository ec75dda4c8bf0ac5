import { pino } from "pino";

/** The server's log: one JSON line for each entry, on standard output. */
export type Log = ReturnType<typeof createLog>;

export function createLog(level: string) {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime });
}
