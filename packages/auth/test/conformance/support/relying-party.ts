import { randomBytes, randomUUID } from "node:crypto";
import type { AuthErrorCode } from "@entrada/auth";
import { builtInTenants } from "@entrada/entra-emulator";
import type { Fault } from "@entrada/entra-emulator";
import { expect } from "vitest";
import { countRows } from "../../../../../apps/server/test/support/database-file.js";
import { startSite } from "../../../../../apps/server/test/support/site.js";
import type {
  Site,
  SiteOptions,
} from "../../../../../apps/server/test/support/site.js";
import type { Visitor } from "../../../../../apps/server/test/support/visitor.js";

/** A new person of Contoso who has never signed in. */
export interface Stranger {
  readonly upn: string;
  readonly name: string;
  readonly home: { readonly tenantId: string; readonly objectId: string };
}

/** The expected refusal of a sign-in. */
export interface Refusal {
  readonly code: AuthErrorCode;
  readonly status: number;
  /** Runs between the refusal and the valid sign-in. */
  readonly recover?: () => void;
}

/** The built server as a relying party, and an identity provider with the faults that a test sets. */
export interface RelyingParty extends Site {
  /** Adds a new person to the directory. */
  addStranger(): Stranger;
  /** Expects that a new person is signed in with these faults, and returns their visitor. */
  expectAccepted(...faults: readonly Fault[]): Promise<Visitor>;
  /**
   * Expects that a new person is refused with these faults, that nothing is stored, and that they can sign in after.
   */
  expectRefused(...faults: readonly Fault[]): Promise<void>;
  /** Like `expectRefused`, for another refusal than `id_token_invalid`. */
  expectRefusal(refusal: Refusal, ...faults: readonly Fault[]): Promise<void>;
  /** Runs the action while the identity provider has these faults. */
  withFaults<Result>(
    faults: readonly Fault[],
    act: () => Promise<Result>,
  ): Promise<Result>;
}

/** The refusal of an invalid ID token. */
export const idTokenRefusal: Refusal = {
  code: "id_token_invalid",
  status: 502,
};

/** Starts the server, and an emulator if none is given. */
export async function startRelyingParty(
  options: SiteOptions = {},
): Promise<RelyingParty> {
  const site = await startSite(options);
  const relyingParty: RelyingParty = {
    ...site,
    addStranger: () => addStranger(site),
    withFaults: (faults, act) => withFaults(site, faults, act),
    expectAccepted: (...faults) => expectAccepted(relyingParty, faults),
    expectRefused: (...faults) =>
      expectRefusal(relyingParty, idTokenRefusal, faults),
    expectRefusal: (refusal, ...faults) =>
      expectRefusal(relyingParty, refusal, faults),
  };
  return relyingParty;
}

/** Runs the action with its own relying party, and stops it. */
export async function withRelyingParty(
  options: SiteOptions,
  act: (relyingParty: RelyingParty) => Promise<void>,
): Promise<void> {
  const relyingParty = await startRelyingParty(options);
  try {
    await act(relyingParty);
  } finally {
    await relyingParty.stop();
  }
}

function addStranger({ emulator }: Site): Stranger {
  const name = `stranger-${randomBytes(6).toString("hex")}`;
  const stranger = {
    upn: `${name}@contoso.com`,
    name,
    home: {
      tenantId: builtInTenants.contoso.tenantId,
      objectId: randomUUID(),
    },
  };
  emulator.control.putPerson(stranger);
  return stranger;
}

async function withFaults<Result>(
  { emulator }: Site,
  faults: readonly Fault[],
  act: () => Promise<Result>,
): Promise<Result> {
  const removals = faults.map((fault) => emulator.control.setFault(fault));
  try {
    return await act();
  } finally {
    for (const remove of removals) remove();
  }
}

async function expectAccepted(
  relyingParty: RelyingParty,
  faults: readonly Fault[],
): Promise<Visitor> {
  const { upn, name, home } = relyingParty.addStranger();
  const visitor = relyingParty.createVisitor();

  const answer = await relyingParty.withFaults(faults, () =>
    visitor.signIn(upn),
  );

  expect(answer.status, answer.text).toBe(200);
  expect((await visitor.query("auth.me")).data?.user).toMatchObject({
    ...home,
    name,
  });
  return visitor;
}

async function expectRefusal(
  relyingParty: RelyingParty,
  { code, status, recover }: Refusal,
  faults: readonly Fault[],
): Promise<void> {
  const { upn } = relyingParty.addStranger();
  const visitor = relyingParty.createVisitor();
  const { databasePath } = relyingParty.server;
  const before = countRows(databasePath);

  const refused = await relyingParty.withFaults(faults, () =>
    visitor.signIn(upn),
  );

  expect(refused.error?.data, refused.text).toMatchObject({
    authCode: code,
    httpStatus: status,
  });
  expect(refused.status).toBe(status);
  expect(refused.headers.getSetCookie().join()).not.toMatch(/session-\d+=[^;]/);
  expect((await visitor.query("auth.me")).data).toBeNull();
  expect(countRows(databasePath)).toEqual(before);
  recover?.();
  const honest = await visitor.signIn(upn);
  expect(honest.status, honest.text).toBe(200);
  // The refused token has not created a user.
  expect(honest.data.isNewUser).toBe(true);
}
