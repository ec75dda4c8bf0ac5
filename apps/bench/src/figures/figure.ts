import type { Contestant } from "../contestants/contestant.js";
import type { Engine } from "../database/databases.js";
import type { Contest } from "../processes/contest.js";
import type { Series } from "./series.js";

export const figureNames = [
  "sign-in",
  "procedure",
  "me",
  "start",
  "memory",
  "growth",
  "housekeeping",
] as const;

export type FigureName = (typeof figureNames)[number];

/** What a figure is measured with. */
export interface Measurement {
  readonly contest: Contest;
  /** The chosen contestants. */
  readonly contestants: readonly Contestant[];
  readonly rounds: number;
  readonly windowMilliseconds: number;
  /** The sign-ins before the memory is measured. */
  readonly signIns: number;
  /** The rest before the memory of an idle server is measured. */
  readonly idleMilliseconds: number;
  /** The databases of `growth`. */
  readonly engines: readonly Engine[];
  /** The sessions of the large database of `growth`, and the expired rows of each kind of `housekeeping`. */
  readonly sessions: number;
  readonly expiredRows: number;
}

export type Figure = (measurement: Measurement) => Promise<readonly Series[]>;
