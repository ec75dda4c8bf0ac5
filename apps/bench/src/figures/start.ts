import type { Contestant } from "../contestants/contestant.js";
import type { Contest } from "../processes/contest.js";
import { readProcessorTime } from "../processes/usage.js";
import type { Figure } from "./figure.js";
import { alternate } from "./rounds.js";
import { createCollector } from "./series.js";

/** The time from the start of the process to a response. */
interface Start {
  readonly milliseconds: number;
  readonly processorMilliseconds: number;
}

/** Measures the time from the start of the process to its first response, and to the page that people open first. */
export const measureStart: Figure = async (measurement) => [
  ...(await measureStarts(measurement, "first response", () => "/healthz")),
  ...(await measureStarts(measurement, "page", ({ page }) => page)),
];

async function measureStarts(
  { contest, contestants, rounds }: Parameters<Figure>[0],
  target: string,
  pathOf: (contestant: Contestant) => string | undefined,
) {
  const processor = createCollector({
    title: `start to the ${target}, processor time`,
    unit: "ms",
    isDecisive: true,
  });
  const clock = createCollector({
    title: `start to the ${target}, by the clock`,
    unit: "ms",
  });
  const able = contestants.filter(
    (contestant) => pathOf(contestant) !== undefined,
  );
  const start = (contestant: Contestant) =>
    startOnce(contest, contestant, pathOf(contestant));
  // The first start creates the database, and the second fills a cache of compiled code.
  await alternate(2, able, async (contestant) => {
    await start(contestant);
  });
  await alternate(rounds, able, async (contestant) => {
    const { milliseconds, processorMilliseconds } = await start(contestant);
    processor.add(contestant.name, processorMilliseconds);
    clock.add(contestant.name, milliseconds);
  });
  return [processor.toSeries(), clock.toSeries()];
}

async function startOnce(
  contest: Contest,
  contestant: Contestant,
  path: string | undefined,
): Promise<Start> {
  const begin = performance.now();
  const server = await contest.start(contestant);
  try {
    await server.waitUntilReady(path);
    return {
      milliseconds: performance.now() - begin,
      processorMilliseconds: readProcessorTime(server.pid),
    };
  } finally {
    await server.stop();
  }
}
