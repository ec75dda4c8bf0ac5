import type {
  Session,
  ActiveSession,
  ActiveUser,
} from "../../core/session/active-session.js";
import type { AuthClient } from "../auth-client.js";

/** An `AuthClient` in memory, with a server state that a test can change. */
export interface FakeAuthClient extends AuthClient {
  /** The names of the calls so far. */
  readonly calls: string[];
  /** The arguments of the calls, in the same order. */
  readonly inputs: unknown[];
  /** The active session at the server. */
  present: ActiveSession | undefined;
  /** The error that every call rejects with. */
  failure: unknown;
  /** Delays every call until the returned function is called. */
  hold(): () => void;
}

/** Returns an error like those of tRPC's client. */
export function createTrpcError(authCode: string, data: object = {}): Error {
  return Object.assign(new Error(`About ${authCode}.`), {
    data: { authCode, ...data },
  });
}

export const ada: ActiveUser = {
  id: "user-ada",
  tenantId: "aaaaaaaa-0000-4000-8000-000000000001",
  objectId: "bbbbbbbb-0000-4000-8000-000000000001",
  name: "Ada Lovelace",
  preferredUsername: "ada@contoso.test",
  email: null,
  roles: [],
  groups: [],
  createdAt: "2026-01-01T00:00:00.000Z",
  lastSignInAt: "2026-01-01T00:00:00.000Z",
};

export const bob: ActiveUser = {
  ...ada,
  id: "user-bob",
  objectId: "bbbbbbbb-0000-4000-8000-000000000002",
  name: "Bob Bell",
};

/** A session with an idle timeout of one hour that starts with the fake page's clock. */
export const session: Session = {
  id: "session-1",
  createdAt: "2026-01-01T00:00:00.000Z",
  idleExpiresAt: "2026-01-01T01:00:00.000Z",
  expiresAt: "2026-01-02T00:00:00.000Z",
};

export function createFakeAuthClient(present?: ActiveSession): FakeAuthClient {
  let held: Promise<void> | undefined;

  async function call<Answer>(
    name: string,
    input: unknown,
    answer: () => Answer,
  ): Promise<Answer> {
    client.calls.push(name);
    client.inputs.push(input);
    await held;
    if (client.failure !== undefined) throw client.failure;
    return answer();
  }

  function endSession(name: string): Promise<{ readonly logoutUrl: string }> {
    return call(name, undefined, () => {
      client.present = undefined;
      return { logoutUrl: "https://login.test/logout" };
    });
  }

  const client: FakeAuthClient = {
    calls: [],
    inputs: [],
    present,
    failure: undefined,
    hold: () => {
      let release: (() => void) | undefined;
      held = new Promise((resolve) => {
        release = resolve;
      });
      return () => {
        held = undefined;
        release?.();
      };
    },
    login: (request) =>
      call("login", request, () => ({
        authorizationUrl: "https://login.test/authorize",
      })),
    callback: (parameters) =>
      call("callback", parameters, () => {
        client.present = { user: ada, session };
        return {
          user: ada,
          isNewUser: false,
          returnUrl: "https://app.test/workspace",
        };
      }),
    me: () => call("me", undefined, () => client.present),
    logout: () => endSession("logout"),
    logoutEverywhere: () => endSession("logoutEverywhere"),
  };
  return client;
}
