import type { Context, Hono } from "hono";
import { z } from "zod";
import type { EmulatorControl } from "./control.js";
import { appSchema, personSchema } from "./directory/directory-schema.js";
import type { EmulatorEnv } from "./endpoints/emulator-request.js";
import { faultSchema } from "./faults/fault-schema.js";
import { logoutTokenVariants } from "./logout-token.js";
import type { EmulatorState } from "./state/emulator-state.js";
import { endpointNames } from "./state/journal.js";

const done = { done: true } as const;

const optionalUpn = z.strictObject({ upn: z.string().optional() });
const rotation = z.strictObject({
  retirePrevious: z.boolean().optional(),
});
const clockChange = z.strictObject({ seconds: z.number() });
const autoSignIn = z.strictObject({
  upn: z.string().nullable(),
  times: z.union([z.int().positive(), z.literal("always")]).optional(),
  consent: z.enum(["accept", "decline", "ask"]).optional(),
});
const logoutToken = z.strictObject({
  clientId: z.string(),
  upn: z.string(),
  sid: z.string().optional(),
  tenantId: z.string().optional(),
  variant: z.enum(logoutTokenVariants).optional(),
  url: z.url().optional(),
});

/**
 * Mounts the control operations as JSON over HTTP below `/_emulator`.
 *
 * A cross-origin page cannot call them: each request needs `Content-Type: application/json` or the header
 * `x-entra-emulator`, which require a CORS preflight, and every preflight fails.
 */
export function mountControlEndpoint(
  app: Hono<EmulatorEnv>,
  state: EmulatorState,
  control: EmulatorControl,
): void {
  app.use("/_emulator/*", refuseCrossSite);
  app.get("/_emulator/directory", (context) => {
    const { tenants, people, apps } = state.directory;
    return context.json({ origin: state.origin, tenants, people, apps });
  });
  mountFaults(app, control);
  mountRequests(app, control);
  mountOperations(app, state, control);
  mountDirectory(app, control);
}

function refuseCrossSite(
  context: Context<EmulatorEnv>,
  next: () => Promise<void>,
): Promise<Response | void> {
  const isJson = (context.req.header("content-type") ?? "")
    .toLowerCase()
    .startsWith("application/json");
  const hasHeader = context.req.header("x-entra-emulator") !== undefined;
  const site = context.req.header("sec-fetch-site") ?? "none";
  if ((isJson || hasHeader) && (site === "none" || site === "same-origin"))
    return next();
  const error =
    "Send Content-Type: application/json or the header x-entra-emulator: 1, from the same origin.";
  return Promise.resolve(context.json({ error }, 403));
}

function mountFaults(app: Hono<EmulatorEnv>, control: EmulatorControl): void {
  app.get("/_emulator/faults", (context) =>
    context.json({ faults: control.faults }),
  );
  app.post("/_emulator/faults", (context) =>
    withBody(context, faultSchema, (fault) => {
      control.setFault(fault);
      return { faults: control.faults.length };
    }),
  );
  app.delete("/_emulator/faults", (context) => {
    control.clearFaults();
    return context.json({ faults: 0 });
  });
}

function mountRequests(app: Hono<EmulatorEnv>, control: EmulatorControl): void {
  app.get("/_emulator/requests", (context) => {
    const endpoint = endpointNames.find(
      (name) => name === context.req.query("endpoint"),
    );
    return context.json({ requests: control.requests(endpoint) });
  });
  app.delete("/_emulator/requests", (context) => {
    control.clearRequests();
    return context.json({ requests: [] });
  });
}

function mountOperations(
  app: Hono<EmulatorEnv>,
  state: EmulatorState,
  control: EmulatorControl,
): void {
  app.post("/_emulator/keys/rotate", (context) =>
    withBody(context, rotation, async (request) => ({
      kid: await control.rotateKeys(request),
    })),
  );
  app.post("/_emulator/clock", (context) =>
    withBody(context, clockChange, ({ seconds }) => {
      control.advanceClock(seconds);
      return { now: state.clock.now().toISOString() };
    }),
  );
  app.post("/_emulator/auto-sign-in", (context) =>
    withBody(context, autoSignIn, ({ upn, times, consent }) => {
      if (upn !== null && state.directory.findPerson(upn) === undefined)
        throw new TypeError(`No person has the UPN ${upn}.`);
      control.autoSignIn(upn === null ? undefined : { upn, times, consent });
      return { upn };
    }),
  );
  app.post("/_emulator/logout-token", (context) =>
    withBody(context, logoutToken, async ({ url, ...request }) =>
      url === undefined
        ? { logoutToken: await control.createLogoutToken(request) }
        : control.sendLogoutToken({ ...request, url }),
    ),
  );
}

function mountDirectory(
  app: Hono<EmulatorEnv>,
  control: EmulatorControl,
): void {
  const personOperations = {
    "sign-out-everywhere": control.signOutEverywhere,
    "revoke-refresh-tokens": control.revokeRefreshTokens,
    "revoke-consent": control.revokeConsent,
  } as const;
  for (const [name, operate] of Object.entries(personOperations)) {
    app.post(`/_emulator/${name}`, (context) =>
      withBody(context, optionalUpn, ({ upn }) => {
        operate(upn);
        return done;
      }),
    );
  }
  app.put("/_emulator/apps", (context) =>
    withBody(context, appSchema, (value) => {
      control.putApp(value);
      return done;
    }),
  );
  app.put("/_emulator/people", (context) =>
    withBody(context, personSchema, (value) => {
      control.putPerson(value);
      return done;
    }),
  );
}

async function withBody<T>(
  context: Context<EmulatorEnv>,
  schema: z.ZodType<T>,
  operate: (body: T) => object | Promise<object>,
): Promise<Response> {
  const text = await context.req.text();
  let value: unknown;
  try {
    value = JSON.parse(text === "" ? "{}" : text);
  } catch {
    return context.json({ error: "The body is not JSON." }, 400);
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success)
    return context.json({ error: z.prettifyError(parsed.error) }, 400);
  try {
    return Response.json(await operate(parsed.data));
  } catch (error) {
    if (error instanceof TypeError)
      return context.json({ error: error.message }, 400);
    throw error;
  }
}
