import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listContestants } from "../src/contestants/contestants.js";
import { createHttpClient } from "../src/load/http-client.js";
import { requestAs, signIn } from "../src/load/visit.js";
import { buildServers } from "../src/processes/build-servers.js";
import { openContest } from "../src/processes/contest.js";
import type { Contest } from "../src/processes/contest.js";
import { personAt } from "../src/provider/person.js";

const server = fileURLToPath(
  new URL("../../server/dist/main.js", import.meta.url),
);
const contestants = listContestants({ server, compare: undefined });
let contest: Contest;

beforeAll(async () => {
  await buildServers({ withPackage: true });
  contest = await openContest({
    pinning: undefined,
    node: undefined,
    nodeArguments: [],
  });
});

afterAll(() => contest?.close());

describe.concurrent("the benchmark", () => {
  it.each(contestants)(
    "verifies the sign-in, the requests and the page of $name",
    async (contestant) => {
      const { me, procedure, page } = contestant;
      const running = await contest.start(contestant);
      const client = createHttpClient(running.origin, 2);
      try {
        await running.waitUntilReady();

        const visits = await Promise.all(
          [personAt(1), personAt(2)].map((person) =>
            signIn(client, contestant, person),
          ),
        );
        for (const request of [me, procedure])
          for (const visit of visits)
            if (request !== undefined) await requestAs(client, request, visit);
        const found =
          page === undefined ? undefined : await client.send({ path: page });

        expect(found?.text ?? "").toContain(
          page === undefined ? "" : '<div id="root">',
        );
        // An unknown session, and the session of another person, are noticed.
        for (const cookie of ["session=unknown", visits[1]?.cookie ?? ""])
          await expect(
            requestAs(client, me, { person: personAt(1), cookie }),
          ).rejects.toThrow(/responded with/);
      } finally {
        await client.close();
        await running.stop();
      }
    },
  );
});
