import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { builtInPeople, startEntraEmulator } from "@entrada/entra-emulator";
import type { EntraEmulator } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withDatabase } from "../support/database-file.js";
import { findFreePort, startServerProcess } from "../support/processes.js";
import { createVisitor } from "../support/visitor.js";

const { ada } = builtInPeople;
const [before, after] = [1, 2].map((byte) =>
  Buffer.alloc(32, byte).toString("base64"),
);

let emulator: EntraEmulator;
let folder: string;

beforeAll(async () => {
  emulator = await startEntraEmulator();
  folder = await mkdtemp(join(tmpdir(), "entrada-rotation-"));
});

afterAll(async () => {
  await emulator?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Runs `act` with a server that has these secrets, on the same origin and database each time. */
async function withServer<Result>(
  appUrl: string,
  authSecret: string,
  act: () => Promise<Result>,
): Promise<Result> {
  const server = await startServerProcess({
    authority: emulator.origin,
    databasePath: join(folder, "entrada.db"),
    environment: {
      APP_URL: appUrl,
      PORT: new URL(appUrl).port,
      AUTH_SECRET: authSecret,
    },
  });
  try {
    return await act();
  } finally {
    await server.stop();
  }
}

/** Returns the prefixes of the sealed values: the format and the ID of the secret. */
function readKeyIds(): readonly string[] {
  return withDatabase(join(folder, "entrada.db"), (database) =>
    database
      .prepare<[], string>("SELECT sealed_cache FROM auth_token_cache")
      .pluck()
      .all()
      .map((sealed) => sealed.split(".").slice(0, -1).join(".")),
  );
}

const scopes = ["User.Read"];

// Each test starts two servers in sequence.
describe("a list of secrets", { timeout: 60_000 }, () => {
  it("[T6] is rotated at its front: a sign-in that started under the old secret completes, and tokens are sealed with the new secret", async () => {
    const appUrl = `http://localhost:${await findFreePort()}`;
    const [one, other] = [createVisitor(appUrl), createVisitor(appUrl)];
    const query = await withServer(appUrl, `${before}`, async () => {
      await other.signIn(ada.upn, { scopes });
      return one.reachCallback(ada.upn, { scopes });
    });
    const oldKeys = readKeyIds();

    const [completed, present] = await withServer(
      appUrl,
      `${after},${before}`,
      async () => [
        await one.mutate("auth.callback", query),
        await other.query("auth.me"),
      ],
    );

    expect(completed.status, completed.text).toBe(200);
    expect(present.data?.user.objectId).toBe(ada.home.objectId);
    expect(readKeyIds()).not.toEqual(oldKeys);
  });

  it("[T6] without the old secret opens nothing that it sealed: pending sign-ins must start again, and users stay signed in", async () => {
    const appUrl = `http://localhost:${await findFreePort()}`;
    const [one, other] = [createVisitor(appUrl), createVisitor(appUrl)];
    const query = await withServer(appUrl, `${before}`, async () => {
      await other.signIn(ada.upn);
      return one.reachCallback(ada.upn);
    });

    const [refused, present, again] = await withServer(
      appUrl,
      `${after}`,
      async () => [
        await one.mutate("auth.callback", query),
        await other.query("auth.me"),
        await one.signIn(ada.upn),
      ],
    );

    expect(refused.error?.data.authCode).toBe("flow_not_found");
    expect(present.data?.user.objectId).toBe(ada.home.objectId);
    expect(again.status).toBe(200);
  });
});
