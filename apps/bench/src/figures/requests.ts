import type {
  Contestant,
  RequestOfSession,
} from "../contestants/contestant.js";
import { createQueue } from "../load/people.js";
import { requestAs, signIn } from "../load/visit.js";
import type { Visit } from "../load/visit.js";
import { createProcessMeter } from "../load/meter.js";
import { measureWindow } from "../load/window.js";
import type { Window } from "../load/window.js";
import type { Figure } from "./figure.js";
import { alternate } from "./rounds.js";
import { withRunning } from "./running-contestants.js";
import type { Reached } from "./running-contestants.js";
import { createCollector } from "./series.js";

const callsOfWindow = 3000;
const concurrency = 16;
const sessions = 64;
const warmUpRounds = 3;

/** Measures `me`. */
export const measureMe: Figure = createRequestFigure("me", ({ me }) => me);

/** Measures a procedure that only signed-in users may call. */
export const measureProcedure: Figure = createRequestFigure(
  "guarded procedure",
  ({ procedure }) => procedure,
);

/** Creates a figure for requests of signed-in users: requests for each second of the server's processor time. */
function createRequestFigure(
  title: string,
  requestOf: (contestant: Contestant) => RequestOfSession | undefined,
): Figure {
  return async ({ contest, contestants, rounds, windowMilliseconds }) => {
    const processor = createCollector({
      title: `${title}, requests a second of processor time`,
      unit: "/s",
      isDecisive: true,
    });
    const clock = createCollector({
      title: `${title}, requests a second by the clock`,
      unit: "/s",
      isDecisive: false,
    });
    const able = contestants.filter(
      (contestant) => requestOf(contestant) !== undefined,
    );
    await withRunning(contest, able, concurrency, async (running) => {
      const loads: Load[] = [];
      for (const server of running)
        loads.push(await prepare(server, requestOf(server.contestant)));
      const measure = (load: Load) => measureRequests(load, windowMilliseconds);
      await alternate(warmUpRounds, loads, async (load) => {
        await measure(load);
      });
      await alternate(rounds, loads, async (load) => {
        const { name } = load.server.contestant;
        const { calls, milliseconds, processorMilliseconds } =
          await measure(load);
        processor.add(name, (calls / processorMilliseconds) * 1000);
        clock.add(name, (calls / milliseconds) * 1000);
      });
    });
    return [processor.toSeries(), clock.toSeries()];
  };
}

interface Load {
  readonly server: Reached;
  readonly request: RequestOfSession;
  readonly visits: readonly Visit[];
}

/** Signs people in whose sessions the requests use. */
async function prepare(
  server: Reached,
  request: RequestOfSession | undefined,
): Promise<Load> {
  if (request === undefined)
    throw new Error(`${server.contestant.name} has no such request.`);
  const nextPerson = createQueue(sessions);
  const visits: Visit[] = [];
  while (visits.length < sessions)
    visits.push(await signIn(server.client, server.contestant, nextPerson()));
  return { server, request, visits };
}

function measureRequests(
  { server: { pid, client }, request, visits }: Load,
  milliseconds: number,
): Promise<Window> {
  let next = 0;
  const limits = { calls: callsOfWindow, milliseconds, concurrency };
  return measureWindow(createProcessMeter(pid), limits, async () => {
    const visit = visits[next++ % visits.length];
    if (visit !== undefined) await requestAs(client, request, visit);
  });
}
