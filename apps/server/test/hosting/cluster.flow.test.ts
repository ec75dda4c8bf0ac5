import { builtInPeople } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startClusterProcess } from "../support/cluster-process.js";
import type { ClusterProcess } from "../support/cluster-process.js";
import { createVisitor } from "../support/visitor.js";
import type { Visitor } from "../support/visitor.js";

const { ada, ben } = builtInPeople;
const limit = 20;

let cluster: ClusterProcess;

beforeAll(async () => {
  cluster = await startClusterProcess({
    SIGN_IN_RATE_PER_MINUTE: String(limit),
  });
}, 180_000);

afterAll(async () => {
  await cluster?.stop();
});

async function signIn(upn: string): Promise<Visitor> {
  const visitor = createVisitor(cluster.origin);
  await visitor.signIn(upn);
  return visitor;
}

/** Starts a sign-in from this address, as somebody who claims another. */
function start(localAddress: string, forwardedFor: string): Promise<number> {
  return cluster.start(localAddress, { "x-forwarded-for": forwardedFor });
}

/** Asks again and again who is signed in, and returns who served it each time. @throws {Error} if it is nobody. */
async function askUntil(
  visitor: Visitor,
  isEnough: (served: readonly (string | null)[]) => boolean,
): Promise<readonly (string | null)[]> {
  const served: (string | null)[] = [];
  while (!isEnough(served)) {
    const answer = await visitor.query("auth.me");
    if (answer.data === null) throw new Error("The visitor is signed out.");
    served.push(answer.headers.get("x-served-by"));
  }
  return served;
}

describe("two servers behind a proxy on one PostgreSQL", () => {
  it("sign a visitor in together, each answering every other request", async () => {
    const visitor = await signIn(ada.upn);

    const served = await askUntil(visitor, ({ length }) => length === 6);

    expect(served.filter((name) => name === "server 1")).toHaveLength(3);
    expect(served.filter((name) => name === "server 2")).toHaveLength(3);
  });

  it.each([
    { name: "server 1", signal: "SIGKILL", ending: "SIGKILL" },
    { name: "server 2", signal: "SIGTERM", ending: "0" },
  ] as const)(
    "keep people signed in and answer each of their questions while $name gets $signal, and until it is there again",
    async ({ name, signal, ending }) => {
      const visitor = await signIn(ben.upn);
      const length = cluster.output().length;
      const isBack = () =>
        cluster.output().slice(length).includes(`${name}: ready at`);

      cluster.signal(name, signal);
      const meanwhile = await askUntil(visitor, isBack);
      const later = await askUntil(visitor, ({ length }) => length === 2);

      expect(cluster.output()).toContain(`${name}: ended with ${ending}\n`);
      expect(meanwhile).toContain(
        name === "server 1" ? "server 2" : "server 1",
      );
      expect(later.toSorted()).toEqual(["server 1", "server 2"]);
    },
  );

  // Other systems give the loopback interface one address.
  it.skipIf(process.platform !== "linux")(
    "limit an address by what the proxy saw, whatever the visitor writes",
    async () => {
      const statuses: number[] = [];

      for (let index = 0; index < limit + 2; index++)
        statuses.push(await start("127.0.0.2", `198.51.100.${index}`));
      const other = await start("127.0.0.3", "127.0.0.2");

      expect(statuses.slice(0, limit)).toEqual(Array(limit).fill(200));
      expect(statuses.slice(limit)).toEqual([429, 429]);
      expect(other).toBe(200);
    },
  );

  it("leave neither a process nor a file behind when they are stopped", async () => {
    const processes = cluster.processes();

    const { code, files } = await cluster.stop();

    expect(code).toBe(0);
    expect(processes).toHaveLength(2);
    expect(processes.filter(isAlive)).toEqual([]);
    expect(files).toEqual([]);
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
