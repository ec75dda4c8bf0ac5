import { builtInPeople } from "@entrada/entra-emulator";
import type { Visitor } from "../../../../../apps/server/test/support/visitor.js";
import type { RelyingParty } from "./relying-party.js";

/** Whom these visitors are signed in as. */
export const { ada } = builtInPeople;

/** Signs Ada in with a browser of her own. */
export async function signIn(relyingParty: RelyingParty): Promise<Visitor> {
  const visitor = relyingParty.createVisitor();
  await visitor.signIn(ada.upn);
  return visitor;
}

/** Signs Ada in again in the same browser without ending its session: two sessions of one at the provider. */
export async function signInBesides(visitor: Visitor): Promise<void> {
  visitor.setSession("");
  await visitor.signIn(ada.upn);
}

/** Asks the app who is signed in. */
export async function isSignedIn(visitor: Visitor): Promise<boolean> {
  return (await visitor.query("auth.me")).data !== null;
}

/** Returns the value of the visitor's session cookie. */
export function readCookie(visitor: Visitor): string {
  return visitor.session() ?? "";
}

/** Makes somebody who sends this session cookie. */
export function replay(relyingParty: RelyingParty, cookie: string): Visitor {
  const visitor = relyingParty.createVisitor();
  visitor.setSession(cookie);
  return visitor;
}
