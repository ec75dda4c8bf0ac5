import { randomUUID } from "node:crypto";
import type { Person } from "../directory/directory.js";
import { type BoundedMap, createBoundedMap } from "./bounded-map.js";
import { addSeconds, type Clock } from "./clock.js";
import { randomToken, sha256 } from "./random.js";

const MAXIMUM_SESSIONS = 5000;
const MAXIMUM_ACCOUNTS = 25;
const IDLE_SECONDS = 24 * 60 * 60;

/** An account that is signed in at the emulator in one browser. */
export interface SignedInAccount {
  readonly upn: string;
  /** Session ID for apps: the `sid` claim and `session_state`. */
  readonly sid: string;
  readonly authTime: Date;
  /** Apps that signed this account in; their front-channel logout URLs are loaded when it signs out. */
  readonly clientIds: ReadonlySet<string>;
}

/** A browser's single sign-on session with the emulator. */
export interface SsoSession {
  readonly token: string;
  readonly accounts: readonly SignedInAccount[];
}

/** The single sign-on sessions of all browsers. */
export interface SsoSessions {
  /** Reads the session of a cookie value. */
  read(token: string | undefined): SsoSession | undefined;
  /** Signs the person in, in the given session or in a new one. */
  signIn(session: SsoSession | undefined, person: Person): SsoSession;
  /** Records that the app signed the account in. */
  addClient(session: SsoSession, upn: string, clientId: string): void;
  /** Signs the account out and returns it. */
  signOut(session: SsoSession, upn: string): SignedInAccount | undefined;
  /** Ends all sessions of one person, or of all people. */
  signOutEverywhere(upn?: string): void;
}

export function createSsoSessions(clock: Clock): SsoSessions {
  const sessions = createBoundedMap<SsoSession>(clock, MAXIMUM_SESSIONS);
  const save = (session: SsoSession): SsoSession =>
    saveSession(clock, sessions, session);
  const current = (session: SsoSession): SsoSession =>
    sessions.get(sha256(session.token)) ?? session;
  return {
    read: (token) =>
      token === undefined ? undefined : sessions.get(sha256(token)),
    signIn: (session, person) => {
      const before = session ?? { token: randomToken(32), accounts: [] };
      return save({
        ...before,
        accounts: withSignIn(before.accounts, person.upn, clock.now()),
      });
    },
    addClient: (session, upn, clientId) => {
      const latest = current(session);
      save({
        ...latest,
        accounts: latest.accounts.map((account) =>
          withClient(account, upn, clientId),
        ),
      });
    },
    signOut: (session, upn) => {
      save({
        ...session,
        accounts: session.accounts.filter((account) => account.upn !== upn),
      });
      return session.accounts.find((account) => account.upn === upn);
    },
    signOutEverywhere: (upn) => {
      for (const session of sessions.values()) {
        save({
          ...session,
          accounts: session.accounts.filter(
            (entry) => upn !== undefined && entry.upn !== upn,
          ),
        });
      }
    },
  };
}

function saveSession(
  clock: Clock,
  sessions: BoundedMap<SsoSession>,
  session: SsoSession,
): SsoSession {
  const key = sha256(session.token);
  if (session.accounts.length === 0) sessions.delete(key);
  else sessions.set(key, session, addSeconds(clock.now(), IDLE_SECONDS));
  return session;
}

function withSignIn(
  accounts: readonly SignedInAccount[],
  upn: string,
  authTime: Date,
): readonly SignedInAccount[] {
  const known = accounts.find((account) => account.upn === upn);
  const signedIn = {
    upn,
    authTime,
    sid: known?.sid ?? randomUUID(),
    clientIds: known?.clientIds ?? new Set<string>(),
  };
  return [signedIn, ...accounts.filter((account) => account.upn !== upn)].slice(
    0,
    MAXIMUM_ACCOUNTS,
  );
}

function withClient(
  account: SignedInAccount,
  upn: string,
  clientId: string,
): SignedInAccount {
  if (account.upn !== upn) return account;
  return { ...account, clientIds: new Set([...account.clientIds, clientId]) };
}
