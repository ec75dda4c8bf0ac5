import type { Series } from "../figures/series.js";
import { compareWithBase } from "./statistics.js";

/** How uncertain a ratio may be by default. */
export const usualUncertainty = 0.1;

/** Returns a sentence for each ratio that is too uncertain to be reported. */
export function findNoise(
  series: Series,
  maximumUncertainty: number,
): readonly string[] {
  if (!series.isDecisive) return [];
  return compareWithBase(series)
    .filter(
      ({ comparison }) => (comparison?.uncertainty ?? 0) > maximumUncertainty,
    )
    .map(({ name, comparison }) => {
      const uncertainty = comparison?.uncertainty ?? 0;
      return Number.isFinite(uncertainty)
        ? `${series.title}: the ratio of ${name} is uncertain by ${formatShare(uncertainty)}, more than ${formatShare(maximumUncertainty)}.`
        : `${series.title}: the ratio of ${name} needs at least five rounds.`;
    });
}

function formatShare(share: number): string {
  return `${Math.round(share * 100)} %`;
}
