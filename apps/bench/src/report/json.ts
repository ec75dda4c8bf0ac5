import { describePackage } from "./environment.js";
import type { Result } from "./result.js";
import { compareWithBase } from "./statistics.js";

/** Returns the result with all values as JSON. */
export function formatJson({
  environment,
  rounds,
  contestants,
  series,
}: Result): string {
  return `${JSON.stringify(
    {
      ...environment,
      rounds,
      contestants: contestants.map(({ name, packages }) => ({
        name,
        versions: packages.map(describePackage),
      })),
      figures: series.map(({ values, ...rest }) => ({
        ...rest,
        rows: compareWithBase({ values, ...rest }),
        values: Object.fromEntries(values),
      })),
    },
    undefined,
    2,
  )}\n`;
}
