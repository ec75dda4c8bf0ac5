import type { Contestant } from "../contestants/contestant.js";
import { createHttpClient } from "../load/http-client.js";
import type { HttpClient } from "../load/http-client.js";
import type { Contest, Running } from "../processes/contest.js";

/** A running contestant, and connections to it. */
export interface Reached extends Running {
  readonly client: HttpClient;
}

/** Starts the contestants, runs the function, and stops them, whether it fails or not. */
export async function withRunning<Result>(
  contest: Contest,
  contestants: readonly Contestant[],
  connections: number,
  run: (running: readonly Reached[]) => Promise<Result>,
): Promise<Result> {
  const running: Reached[] = [];
  try {
    for (const contestant of contestants) {
      const server = await contest.start(contestant);
      const client = createHttpClient(server.origin, connections);
      running.push({ ...server, client });
      await server.waitUntilReady();
    }
    return await run(running);
  } catch (error) {
    for (const { contestant, readOutput } of running)
      console.error(`Output of ${contestant.name}:\n${await readOutput()}`);
    throw error;
  } finally {
    for (const { client, stop } of running) {
      await client.close();
      await stop();
    }
  }
}
