// Many sign-ins on three servers with one PostgreSQL, while servers and the database are killed and restarted. The seed
// determines the visitors' actions and what is killed; `CHAOS_SEED` sets another one.
import { randomUUID } from "node:crypto";
import { builtInTenants } from "@entrada/entra-emulator";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startPostgresServer } from "../../../../packages/auth/test/support/postgres-server.js";
import type { PostgresServer } from "../../../../packages/auth/test/support/postgres-server.js";
import {
  cleanFailures,
  findViolations,
} from "../support/chaos/chaos-history.js";
import { createChaosVisitor } from "../support/chaos/chaos-visitor.js";
import type { ChaosPerson } from "../support/chaos/chaos-visitor.js";
import { createFuzzRandom } from "../support/fuzz/random.js";
import { startServerGroup } from "../support/server-group.js";
import type { ServerGroup } from "../support/server-group.js";

const seed = Number(process.env["CHAOS_SEED"] ?? 20_261_126);
const serverCount = 3;
const personCount = 12;
const signInsEach = 8;
/** A server or the database is killed after each such number of acknowledged sign-ins. */
const signInsPerFailure = 10;

let postgres: PostgresServer;
let group: ServerGroup;

beforeAll(async () => {
  postgres = await startPostgresServer();
  group = await startServerGroup(serverCount, { DATABASE_URL: postgres.url() });
}, 120_000);

afterAll(async () => {
  await group?.stop();
  await postgres?.close();
});

function addPerson(number: number): ChaosPerson {
  const person = {
    upn: `storm-${number}@contoso.com`,
    name: `Storm ${number}`,
    home: {
      tenantId: builtInTenants.contoso.tenantId,
      objectId: randomUUID(),
    },
  };
  group.emulator.control.putPerson(person);
  return { upn: person.upn, objectId: person.home.objectId };
}

async function killServer(index: number): Promise<void> {
  await group.servers[index]?.stop("SIGKILL");
  await group.restart(index);
}

/** Returns functions that cause a failure and resolve after the recovery from it. */
function listFailures(): readonly (() => Promise<void>)[] {
  return [
    () => killServer(0),
    () => killServer(1),
    () => killServer(2),
    async () => {
      await Promise.all([killServer(0), killServer(1)]);
    },
    async () => {
      await postgres.kill();
      await postgres.start();
    },
    async () => {
      await postgres.stop();
      await postgres.start();
    },
  ];
}

/** Returns the number of users and sessions of each person. */
async function countByPerson(): Promise<
  ReadonlyMap<string, { readonly users: number; readonly sessions: number }>
> {
  const client = new Client({ connectionString: postgres.url() });
  await client.connect();
  const { rows } = await client.query<{
    readonly objectId: string;
    readonly users: number;
    readonly sessions: number;
  }>(
    `SELECT object_id AS "objectId", count(DISTINCT auth_user.id)::integer AS users, count(auth_session.id)::integer AS sessions
     FROM auth_user LEFT JOIN auth_session ON auth_session.user_id = auth_user.id GROUP BY object_id`,
  );
  await client.end();
  return new Map(rows.map(({ objectId, ...counts }) => [objectId, counts]));
}

describe("sign-ins while servers and database are killed", () => {
  it("lose no acknowledged sign-in or sign-out, do not mix up users, and fail in an orderly way", async () => {
    const random = createFuzzRandom(seed);
    const pending = [...listFailures(), ...listFailures()];
    let acknowledged = 0;
    let running = Promise.resolve();
    const onSignIn = () => {
      acknowledged += 1;
      if (acknowledged % signInsPerFailure !== 0 || pending.length === 0)
        return;
      const [fail] = pending.splice(random.below(pending.length), 1);
      // In sequence: the next failure starts after the recovery from this one.
      if (fail !== undefined) running = running.then(fail);
    };
    const people = Array.from({ length: personCount }, (_, number) =>
      addPerson(number),
    );
    const visitors = people.map((person, number) =>
      createChaosVisitor(
        group,
        createFuzzRandom(seed + 1 + number),
        person,
        onSignIn,
      ),
    );

    await Promise.all(visitors.map((visitor) => visitor.run(signInsEach)));
    await running;
    // No server exited by itself.
    expect(
      group.servers
        .filter((server) => server.ending() !== undefined)
        .map((server) => `${server.ending()}: ${server.output().slice(-2000)}`),
    ).toEqual([]);
    for (const visitor of visitors) await visitor.askEverywhere();

    const histories = visitors.map(({ history }) => history);
    const failures = histories.flatMap(({ entries }) =>
      entries.flatMap((entry) =>
        entry.type === "failed" ? entry.failure : [],
      ),
    );
    process.stdout.write(
      `chaos: seed ${seed}, ${acknowledged} sign-ins acknowledged, ${failures.length} failures, ${pending.length} failures not caused\n`,
    );
    expect(histories.flatMap(findViolations)).toEqual([]);
    expect(acknowledged).toBe(personCount * signInsEach);
    // Both kinds of failure occurred, and no other.
    expect(new Set(failures)).toEqual(cleanFailures);
    const kept = await countByPerson();
    expect(people.map(({ objectId }) => kept.get(objectId)?.users)).toEqual(
      people.map(() => 1),
    );
  }, 300_000);
});
