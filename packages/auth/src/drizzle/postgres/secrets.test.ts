import { inspect } from "node:util";
import { describe, expect, it } from "vitest";

import { openMigratedPostgresDatabase } from "../../../test/support/postgres-test-database.js";
import type { PartitionKey, Sealed } from "../../core/identifiers.js";
import type {
  Admission,
  AdmissionEntry,
} from "../../core/stores/session-store.js";
import type { Stores } from "../../core/stores/stores.js";
import {
  brand,
  createAdmittedSession,
  createAuditRecord,
  createFlow,
  createPartition,
  now,
} from "../../testing/store-samples.js";
import { createPostgresStores } from "./stores.js";

function capture(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

const planted = "planted-9f3c1e";

const some = <Brand extends string>() => brand<Brand>(planted);

const plantedEntry: AdmissionEntry = {
  id: some(),
  type: some(),
  occurredAt: now,
  flowId: some(),
  sessionId: some(),
  reason: some(),
};

/** An admission with a distinctive value in every column. */
function createPlantedAdmission(): Admission {
  return {
    candidateId: some(),
    profile: {
      tenantId: some(),
      objectId: some(),
      subject: planted,
      name: planted,
      preferredUsername: planted,
      email: planted,
      roles: [planted],
      groups: [planted],
    },
    session: createAdmittedSession({
      id: some(),
      secretDigest: some(),
      providerSessionId: planted,
      logoutHint: planted,
      partitionKey: some(),
      userAgent: planted,
    }),
    replaces: { sessionId: some(), secretDigest: some() },
    entries: { completed: plantedEntry, replaced: plantedEntry },
  };
}

/** Writes with a distinctive value in every column. */
function listPlantedWrites({
  flowStore,
  sessionStore,
  tokenCacheStore,
  auditStore,
  rateLimitStore,
}: Stores): (() => Promise<unknown>)[] {
  const partition = {
    partitionKey: some<PartitionKey>(),
    sealedCache: some<Sealed>(),
  };
  return [
    () =>
      flowStore.add(
        createFlow({
          stateDigest: some(),
          browserTokenDigest: some(),
          nonce: some(),
          sealedCodeVerifier: some(),
          scopes: [planted],
          returnUrl: some(),
          issuer: planted,
        }),
      ),
    () => sessionStore.admit(createPlantedAdmission()),
    () => tokenCacheStore.put(createPartition(partition)),
    () => auditStore.append(createAuditRecord({ id: some(), aadsts: planted })),
    () => rateLimitStore.count(planted, 60),
  ];
}

/** Everything that a log could contain of an error. */
function formatForLog(error: unknown): string {
  const texts = [inspect(error, { depth: Infinity, showHidden: true })];
  for (let each = error; each instanceof Error; each = each.cause)
    texts.push(String(each), each.stack ?? "", JSON.stringify(each));
  return texts.join("\n");
}

/** Returns the errors of all writes on a database that is prepared so that they fail. */
async function failAfter(preparation: string): Promise<readonly unknown[]> {
  const own = await openMigratedPostgresDatabase();
  await own.pool.query(preparation);
  // The server quotes every parameter in its error messages.
  const options = "-c log_parameter_max_length_on_error=-1";
  const stores = createPostgresStores(own.openPool({ options }));
  const errors: unknown[] = [];
  for (const write of listPlantedWrites(stores))
    errors.push(await capture(write()));
  await own.close();
  return errors;
}

const columns = [
  ["auth_flow", "nonce"],
  ["auth_user_client", "subject"],
  ["auth_session", "secret_digest"],
  ["auth_token_cache", "sealed_cache"],
  ["auth_event", "aadsts"],
  ["auth_rate_limit", "key"],
];
const tables = [
  "auth_flow",
  "auth_user",
  "auth_session",
  "auth_token_cache",
  "auth_event",
  "auth_rate_limit",
];
const forEach = (statement: (table: string) => string) =>
  tables.map((table) => statement(`"${table}"`)).join("; ");

describe("an error of createPostgresStores", () => {
  it.each([
    [
      "missing tables",
      "store_unavailable",
      forEach((table) => `DROP TABLE ${table} CASCADE`),
    ],
    [
      "a column of another type",
      "22P02",
      columns
        .map(
          ([table, column]) =>
            `ALTER TABLE "${table}" ALTER ${column} TYPE uuid USING gen_random_uuid()`,
        )
        .join("; "),
    ],
    [
      "a violated constraint",
      "23514",
      forEach((table) => `ALTER TABLE ${table} ADD CHECK (false) NOT VALID`),
    ],
  ])("contains no value after %s", async (_, code, preparation) => {
    const errors = await failAfter(preparation);

    for (const error of errors) {
      expect(error).toMatchObject({ code });
      expect(formatForLog(error)).not.toContain(planted);
    }
  });

  it("contains no value of a key that is taken", async () => {
    const own = await openMigratedPostgresDatabase();
    const { flowStore, sessionStore, auditStore } = createPostgresStores(
      own.pool,
    );
    const flow = createFlow({ stateDigest: brand(planted) });
    const record = createAuditRecord({ id: brand(planted) });
    await flowStore.add(flow);
    await auditStore.append(record);
    const admission = {
      ...createPlantedAdmission(),
      replaces: undefined,
      entries: undefined,
    };
    await sessionStore.admit(admission);

    const errors = [
      await capture(flowStore.add(flow)),
      await capture(auditStore.append(record)),
      await capture(sessionStore.admit(admission)),
    ];
    await own.close();

    expect(errors).toMatchObject([
      { code: "23505", constraint: "auth_flow_pkey" },
      { code: "23505", constraint: "auth_event_pkey" },
      { code: "23505", constraint: "auth_session_pkey" },
    ]);
    expect(errors.map(formatForLog).join()).not.toContain(planted);
  });
});
