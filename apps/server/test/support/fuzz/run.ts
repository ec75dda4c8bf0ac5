import { exchange } from "./connection.js";
import type { FuzzExchange } from "./connection.js";
import { findFaults } from "./findings.js";
import type { FuzzRequest } from "./wire.js";

/** What a run of requests came to. */
export interface FuzzReport {
  readonly requests: number;
  /** How many were answered with each status, or had their connection closed. */
  readonly byStatus: Readonly<Record<string, number>>;
  /** One line each: what is wrong, and the request. */
  readonly faults: readonly string[];
}

/** What to send, where, and what must never come back. */
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

/** Sends the requests over several connections at a time and judges every answer. */
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
    const [answer] = found.answers;
    const status = answer === undefined ? found.ending : String(answer.status);
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

/** Sends requests one behind the other; what a closed connection swallowed goes out once more, the first of it alone. */
async function sendWhole(
  port: number,
  requests: readonly FuzzRequest[],
  judge: (request: FuzzRequest, found: FuzzExchange) => void,
): Promise<void> {
  let rest = requests;
  while (rest.length > 0) {
    const { answers, ending } = await exchange(port, rest);
    for (const [index, answer] of answers.entries()) {
      const request = rest[index];
      if (request !== undefined)
        judge(request, { answers: [answer], ending: "answered" });
    }
    rest = rest.slice(answers.length);
    const [first] = rest;
    // The server may close behind an answer; without any, it has refused to answer this one.
    if (first !== undefined && (answers.length === 0 || ending !== "closed")) {
      judge(first, { answers: [], ending });
      rest = rest.slice(1);
    }
  }
}

function judgeExchange(
  request: FuzzRequest,
  { answers, ending }: FuzzExchange,
  secrets: readonly string[],
): readonly string[] {
  const faults = answers.flatMap((answer) =>
    findFaults(request, answer, secrets),
  );
  if (ending === "hung") faults.push("was never answered");
  if (ending === "garbled")
    faults.push("was answered with something else than HTTP");
  if (ending === "closed" && answers.length === 0 && !request.isBroken)
    faults.push("had its connection closed without an answer");
  return faults;
}

function describe({ bytes }: FuzzRequest): string {
  const shown = bytes.subarray(0, shownBytes).toString("latin1");
  return `${JSON.stringify(shown)}${bytes.length > shownBytes ? ` and ${bytes.length - shownBytes} bytes more` : ""}`;
}
