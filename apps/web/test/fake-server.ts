import type { AppRouter } from "@entrada/api";
import type { OwnSession, Session, ActiveUser } from "@entrada/auth/react";
import { TRPCClientError } from "@trpc/client";
import type { TRPCLink } from "@trpc/client";
import { observable } from "@trpc/server/observable";

/** A fake server as a tRPC link, with a response for each procedure path. */
export interface FakeServer {
  readonly link: TRPCLink<AppRouter>;
  /** The calls in order. */
  readonly calls: { readonly path: string; readonly input: unknown }[];
  /** The response of each procedure. A `Refusal` or an `Error` is thrown; without a response the call stays pending. */
  readonly answers: Partial<Record<ProcedurePath, unknown>>;
}

type ProcedurePath =
  | "auth.login"
  | "auth.callback"
  | "auth.me"
  | "auth.logout"
  | "auth.logoutEverywhere"
  | "auth.sessions.list"
  | "auth.sessions.revoke"
  | "admin.users.list"
  | "admin.users.disable"
  | "admin.users.enable"
  | "admin.events.list"
  | "workspace.greeting"
  | "workspace.adminNotice";

/** An error response in the server's format. */
export class Refusal {
  readonly error: object;

  constructor(authCode: string, httpStatus: number, data: object = {}) {
    this.error = {
      message: `About ${authCode}.`,
      code: -32_000,
      data: { authCode, httpStatus, code: "BAD_REQUEST", ...data },
    };
  }
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

export const session: Session = {
  id: "session-1",
  createdAt: "2026-01-01T00:00:00.000Z",
  idleExpiresAt: "2126-01-01T01:00:00.000Z",
  expiresAt: "2126-01-02T00:00:00.000Z",
};

/** The session in the list of the user's own sessions. */
export const ownSession: OwnSession = {
  ...session,
  lastSeenAt: "2026-01-01T00:30:00.000Z",
  userAgent:
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
  isCurrent: true,
};

/** Returns the inputs of the procedure's calls in order. */
export function callsOf(
  { calls }: Pick<FakeServer, "calls">,
  path: ProcedurePath,
): unknown[] {
  return calls.filter((call) => call.path === path).map(({ input }) => input);
}

/** Creates a fake server. By default no user is signed in. */
export function createFakeServer(
  answers: FakeServer["answers"] = {},
): FakeServer {
  const server: Omit<FakeServer, "link"> = {
    calls: [],
    answers: { "auth.me": null, ...answers },
  };

  return {
    ...server,
    link:
      () =>
      ({ op: { path, input } }) =>
        observable((observer) => {
          server.calls.push({ path, input });
          if (!isAnswered(server.answers, path)) return;
          const answer = server.answers[path];
          const error = toClientError(answer);
          if (error !== undefined) {
            observer.error(error);
            return;
          }
          observer.next({ result: { type: "data", data: answer } });
          observer.complete();
        }),
  };
}

function toClientError(
  answer: unknown,
): TRPCClientError<AppRouter> | undefined {
  if (answer instanceof Refusal)
    return TRPCClientError.from({ error: answer.error });
  return answer instanceof Error ? TRPCClientError.from(answer) : undefined;
}

function isAnswered(
  answers: FakeServer["answers"],
  path: string,
): path is ProcedurePath {
  return path in answers;
}
