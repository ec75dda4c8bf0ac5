import { exchange } from "./connection.js";
import type { FuzzExchange } from "./connection.js";
import { findFaults } from "./findings.js";
import type { FuzzRequest } from "./wire.js";

/** The outcome of a run. */
export interface FuzzReport {
  readonly requests: number;
  /** The number of requests by response status, or by how their connection ended. */
  readonly byStatus: Readonly<Record<string, number>>;
  /** One line for each fault, with its request. */
  readonly faults: readonly string[];
}

/** What to send, where, and what no response may contain. */
export interface FuzzRun {
  readonly port: number;
  readonly requests: Iterator<FuzzRequest, never>;
  readonly count: number;
  readonly secrets: readonly string[];
}

const workers = 12;
const pipelined = 8;
const maximumFaults = 20;
const shownBytes = 600;

/** Sends the requests over several connections at a time and checks every response. */
export async function runFuzz({
  port,
  requests,
  count,
  secrets,
}: FuzzRun): Promise<FuzzReport> {
  const byStatus = new Map<string, number>();
  const faults: string[] = [];
  let taken = 0;

  const take = () => {
    const group: FuzzRequest[] = [];
    while (taken < count && group.length < pipelined) {
      taken += 1;
      group.push(requests.next().value);
    }
    return group;
  };
  const judge = (request: FuzzRequest, found: FuzzExchange) => {
    const [response] = found.responses;
    const status =
      response === undefined ? found.ending : String(response.status);
    byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
    faults.push(
      ...judgeExchange(request, found, secrets).map(
        (fault) => `${fault}: ${status} to ${describe(request)}`,
      ),
    );
  };
  const work = async () => {
    for (
      let group = take();
      group.length > 0 && faults.length < maximumFaults;
      group = take()
    ) {
      const broken = group.filter(({ isBroken }) => isBroken);
      for (const request of broken)
        judge(request, await exchange(port, [request]));
      await sendWhole(
        port,
        group.filter(({ isBroken }) => !isBroken),
        judge,
      );
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  return {
    requests: taken,
    byStatus: Object.fromEntries([...byStatus].toSorted()),
    faults,
  };
}

/** Sends pipelined requests. After a closed connection, sends the requests without a response again. */
async function sendWhole(
  port: number,
  requests: readonly FuzzRequest[],
  judge: (request: FuzzRequest, found: FuzzExchange) => void,
): Promise<void> {
  let rest = requests;
  while (rest.length > 0) {
    const { responses, ending } = await exchange(port, rest);
    for (const [index, response] of responses.entries()) {
      const request = rest[index];
      if (request !== undefined)
        judge(request, { responses: [response], ending: "complete" });
    }
    rest = rest.slice(responses.length);
    const [first] = rest;
    // The server may close the connection after a response. Without any response, it has refused the first request.
    if (
      first !== undefined &&
      (responses.length === 0 || ending !== "closed")
    ) {
      judge(first, { responses: [], ending });
      rest = rest.slice(1);
    }
  }
}

function judgeExchange(
  request: FuzzRequest,
  { responses, ending }: FuzzExchange,
  secrets: readonly string[],
): readonly string[] {
  const faults = responses.flatMap((response) =>
    findFaults(request, response, secrets),
  );
  if (ending === "hung") faults.push("received no response");
  if (ending === "garbled") faults.push("received a response that is not HTTP");
  if (ending === "closed" && responses.length === 0 && !request.isBroken)
    faults.push("had its connection closed without a response");
  return faults;
}

function describe({ bytes }: FuzzRequest): string {
  const shown = bytes.subarray(0, shownBytes).toString("latin1");
  return `${JSON.stringify(shown)}${bytes.length > shownBytes ? ` and ${bytes.length - shownBytes} bytes more` : ""}`;
}
