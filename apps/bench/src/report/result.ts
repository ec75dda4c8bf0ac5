import type { Contestant } from "../contestants/contestant.js";
import type { Series } from "../figures/series.js";
import type { Environment } from "./environment.js";

/** The result of a run. */
export interface Result {
  readonly environment: Environment;
  readonly rounds: number;
  readonly contestants: readonly Contestant[];
  readonly series: readonly Series[];
}
