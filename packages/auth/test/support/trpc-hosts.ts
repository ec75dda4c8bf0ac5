import { initTRPC } from "@trpc/server";
import type { TestAuth } from "../../src/testing/test-auth.js";
import { testPeople } from "../../src/testing/provider/test-people.js";
import { createAuthProcedures } from "../../src/trpc/auth-procedures.js";
import type { AuthContext } from "../../src/trpc/auth-procedures.js";
import { formatAuthError } from "../../src/trpc/error-formatter.js";
import { openTrpcBrowser } from "./trpc-app.js";

const t = initTRPC
  .context<AuthContext>()
  .create({ errorFormatter: formatAuthError, isDev: false });
const { procedures, signedIn } = createAuthProcedures();

/** Ends a subscription: `undefined` while it runs. */
export const subscriptions = { running: 0 };

async function* tick(signal: AbortSignal | undefined) {
  subscriptions.running += 1;
  try {
    yield "first";
    await new Promise((resolve) => {
      signal?.addEventListener("abort", resolve, { once: true });
    });
  } finally {
    subscriptions.running -= 1;
  }
}

/** A router with the procedures of this package, a guarded query and subscriptions. */
export const hostRouter = t.router({
  auth: procedures,
  open: t.procedure.query(() => "open"),
  echo: t.procedure
    .input((input: unknown) => input)
    .mutation(({ input }) => input),
  greeting: t.procedure.concat(signedIn).query(({ ctx }) => ctx.user.name),
  ticks: t.procedure
    .concat(signedIn)
    .subscription(({ signal }) => tick(signal)),
  openTicks: t.procedure.subscription(({ signal }) => tick(signal)),
});

/** The headers of the app's own page. */
export const ownPage: Readonly<Record<string, string>> = {
  "x-csrf": "1",
  "content-type": "application/json",
};

/** Signs Ada in with a new browser, and returns her session cookie. */
export async function signAdaIn(test: TestAuth): Promise<string> {
  const browser = openTrpcBrowser(test);
  await browser.signIn(testPeople.ada);
  return browser.jar.header();
}
