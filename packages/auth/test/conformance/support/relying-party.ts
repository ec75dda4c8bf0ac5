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

/** Somebody of Contoso whom no relying party has met yet. */
export interface Stranger {
  readonly upn: string;
  readonly name: string;
  readonly home: { readonly tenantId: string; readonly objectId: string };
}

/** How a sign-in is to be refused. */
export interface Refusal {
  readonly code: AuthErrorCode;
  readonly status: number;
  /** Runs between the refusal and the honest sign-in. */
  readonly recover?: () => void;
}

/** The built server as a relying party, with an identity provider that answers as each test wants. */
export interface RelyingParty extends Site {
  /** Adds somebody to the directory. */
  addStranger(): Stranger;
  /** Shows that a stranger is signed in under these faults, and returns their visitor. */
  expectAccepted(...faults: readonly Fault[]): Promise<Visitor>;
  /** Shows that a stranger is refused under these faults without a trace, and signed in as soon as they are gone. */
  expectRefused(...faults: readonly Fault[]): Promise<void>;
  /** The same for a refusal that is not `id_token_invalid`. */
  expectRefusal(refusal: Refusal, ...faults: readonly Fault[]): Promise<void>;
  /** Does something while the identity provider has these faults. */
  withFaults<Result>(
    faults: readonly Fault[],
    act: () => Promise<Result>,
  ): Promise<Result>;
}

/** What an ID token that does not hold is answered with. */
export const idTokenRefusal: Refusal = {
  code: "id_token_invalid",
  status: 502,
};

/** Starts the server, and an emulator unless one is given. */
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

/** Does something with a relying party of its own, and stops it. */
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
  // Nobody was made of the refused token.
  expect(honest.data.isNewUser).toBe(true);
}
