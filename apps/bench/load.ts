import { Agent, get } from "node:http";

/** Sends requests over 16 connections and returns the number of successful responses in one second. */
export async function measureRate(
  url: string,
  headers: Readonly<Record<string, string>>,
  requests: number,
): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const begin = performance.now();
  let left = requests;
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      while (left-- > 0) await send(url, headers, agent);
    }),
  );
  agent.destroy();
  return (requests / (performance.now() - begin)) * 1000;
}

function send(
  url: string,
  headers: Readonly<Record<string, string>>,
  agent: Agent,
): Promise<void> {
  return new Promise((resolve, reject) => {
    get(url, { headers, agent }, (response) => {
      response.resume();
      response.once("end", () =>
        response.statusCode === 200
          ? resolve()
          : reject(new Error(`HTTP status ${response.statusCode}`)),
      );
    }).once("error", reject);
  });
}

/** Returns the median of the values. */
export function findMedian(values: readonly number[]): number {
  return (
    values.toSorted((one, other) => one - other)[
      Math.floor(values.length / 2)
    ] ?? Number.NaN
  );
}
