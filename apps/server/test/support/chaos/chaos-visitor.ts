import { setTimeout } from "node:timers/promises";
import type { ChaosAction, ChaosEntry, ChaosHistory } from "./chaos-history.js";
import type { FuzzRandom } from "../fuzz/random.js";
import type { BalancedVisitor, ServerGroup } from "../server-group.js";
import { passProvider } from "../provider/provider-pages.js";
import { readQuery } from "../visitor.js";
import type { CallResponse } from "../visitor.js";

/** A visitor who signs in and out repeatedly while servers and database fail. */
export interface ChaosVisitor {
  /** Runs until this many sign-ins were acknowledged. */
  run(signIns: number): Promise<void>;
  /** Calls `auth.me` on every server. */
  askEverywhere(): Promise<void>;
  readonly history: ChaosHistory;
}

export interface ChaosPerson {
  readonly upn: string;
  readonly objectId: string;
}

const retryMilliseconds = 25;
const mostTries = 2000;
const signOutPercent = 40;
const sessionCookie = "__Host-Http-session";

/** Creates a visitor whose choices come from `random`. `onSignIn` is called after each acknowledged sign-in. */
export function createChaosVisitor(
  group: ServerGroup,
  random: FuzzRandom,
  { upn, objectId }: ChaosPerson,
  onSignIn: () => void,
): ChaosVisitor {
  const entries: ChaosEntry[] = [];
  const visitor = group.createVisitor();
  const count = group.servers.length;
  const wander = () => visitor.goTo(random.below(count));

  const attempt = async (
    action: ChaosAction,
    act: () => Promise<ChaosEntry>,
    chooseServer: () => void = wander,
  ): Promise<void> => {
    for (let tries = 0; tries < mostTries; tries += 1) {
      chooseServer();
      const entry = await act().catch((error: unknown): ChaosEntry => ({
        type: "failed",
        action,
        failure: describe(error),
      }));
      entries.push(entry);
      if (entry.type !== "failed") return;
      await setTimeout(retryMilliseconds);
    }
    throw new Error(
      `${upn} did not succeed: ${JSON.stringify(entries.at(-1))}`,
    );
  };
  const ask = async (): Promise<ChaosEntry> => {
    const { user } = read(await visitor.query("auth.me")) ?? {};
    return { type: "asked", objectId: user?.objectId };
  };

  return {
    history: { objectId, entries },
    run: async (signIns) => {
      for (let number = 0; number < signIns; number += 1) {
        await attempt("signIn", () => signIn(visitor, upn, wander));
        onSignIn();
        await attempt("ask", ask);
        if (!random.percent(signOutPercent)) continue;
        await attempt("signOut", () => signOut(visitor, group.appUrl));
        await attempt("ask", ask);
      }
    },
    askEverywhere: async () => {
      for (let index = 0; index < count; index += 1)
        await attempt("ask", ask, () => visitor.goTo(index));
    },
  };
}

async function signIn(
  visitor: BalancedVisitor,
  upn: string,
  wander: () => void,
): Promise<ChaosEntry> {
  const { authorizationUrl } = read(await visitor.mutate("auth.login"));
  const { location } = await passProvider(
    visitor.browser,
    authorizationUrl,
    upn,
  );
  const query = readQuery(location ?? "");
  // As behind a load balancer, another server completes the sign-in.
  wander();
  const { isNewUser } = read(await visitor.mutate("auth.callback", query));
  return { type: "signed_in", isNewUser };
}

/** Signs out and restores the session cookie, as an attacker would who has copied it. It must no longer be valid. */
async function signOut(
  visitor: BalancedVisitor,
  appUrl: string,
): Promise<ChaosEntry> {
  const session = visitor.cookies().get(sessionCookie) ?? "";
  read(await visitor.mutate("auth.logout"));
  visitor.browser.setCookie(appUrl, sessionCookie, session);
  return { type: "signed_out" };
}

class CleanRefusal extends Error {}

function read<Data>(response: CallResponse<Data>): Data {
  const { status, error } = response;
  if (error !== undefined)
    throw new CleanRefusal(`${status} ${error.data.authCode}`);
  return response.data;
}

function describe(error: unknown): string {
  if (error instanceof CleanRefusal) return error.message;
  // `fetch` throws a `TypeError` when a connection is refused or closed.
  return error instanceof TypeError ? "no response" : String(error);
}
