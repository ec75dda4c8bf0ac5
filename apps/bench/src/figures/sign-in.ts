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

const callsOfWindow = 150;
const concurrency = 8;
const people = 1000;
const warmUpRounds = 3;

/** Measures the processor time of the server for one sign-in. */
export const measureSignIn: Figure = async ({
  contest,
  contestants,
  rounds,
  windowMilliseconds,
}) => {
  const processor = createCollector({
    title: "sign-in, processor time",
    unit: "ms",
    isDecisive: true,
  });
  const clock = createCollector({
    title: "sign-in, by the clock",
    unit: "ms",
    isDecisive: false,
  });
  const own = contestants.filter(({ hasOwnSignIn }) => hasOwnSignIn);
  await withRunning(contest, own, concurrency, async (running) => {
    const nextPerson = createQueue(people);
    const measure = (server: Reached) =>
      measureSignIns(server, windowMilliseconds, nextPerson);
    await alternate(warmUpRounds, running, async (server) => {
      await measure(server);
    });
    await alternate(rounds, running, async (server) => {
      const { name } = server.contestant;
      const window = await measure(server);
      processor.add(name, window.processorMilliseconds / window.calls);
      clock.add(name, window.milliseconds / window.calls);
    });
  });
  return [processor.toSeries(), clock.toSeries()];
};

/** Signs people in, and verifies afterwards that the last of them really has a session. */
async function measureSignIns(
  { pid, client, contestant }: Reached,
  milliseconds: number,
  nextPerson: ReturnType<typeof createQueue>,
): Promise<Window> {
  const visits: Visit[] = [];
  const window = await measureWindow(
    createProcessMeter(pid),
    { calls: callsOfWindow, milliseconds, concurrency },
    async () => {
      visits.push(await signIn(client, contestant, nextPerson()));
    },
  );
  for (const visit of visits.slice(-concurrency))
    await requestAs(client, contestant.me, visit);
  return window;
}
