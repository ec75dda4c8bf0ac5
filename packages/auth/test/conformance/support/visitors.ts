import { builtInPeople } from "@entrada/entra-emulator";
import type { Visitor } from "../../../../../apps/server/test/support/visitor.js";
import type { RelyingParty } from "./relying-party.js";

/** The user of these visitors. */
export const { ada } = builtInPeople;

/** Signs Ada in with a new browser. */
export async function signIn(relyingParty: RelyingParty): Promise<Visitor> {
  const visitor = relyingParty.createVisitor();
  await visitor.signIn(ada.upn);
  return visitor;
}

/** Signs Ada in again in the same browser, and keeps its session: both belong to one session at the provider. */
export async function signInBesides(visitor: Visitor): Promise<void> {
  visitor.setSession("");
  await visitor.signIn(ada.upn);
}

/** Returns whether the visitor is signed in. */
export async function isSignedIn(visitor: Visitor): Promise<boolean> {
  return (await visitor.query("auth.me")).data !== null;
}

/** Returns the value of the visitor's session cookie. */
export function readCookie(visitor: Visitor): string {
  return visitor.session() ?? "";
}

/** Creates a visitor who sends this session cookie. */
export function replay(relyingParty: RelyingParty, cookie: string): Visitor {
  const visitor = relyingParty.createVisitor();
  visitor.setSession(cookie);
  return visitor;
}
