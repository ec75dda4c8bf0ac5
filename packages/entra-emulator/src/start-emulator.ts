import { getRequestListener } from "@hono/node-server";
import { mountControlEndpoint } from "./control-endpoint.js";
import { createControl, type EmulatorControl } from "./control.js";
import {
  builtInApps,
  builtInPeople,
  builtInTenants,
} from "./directory/built-in-directory.js";
import {
  type AppRegistration,
  createDirectory,
  type Directory,
  type DirectoryContent,
  type Person,
  type Tenant,
} from "./directory/directory.js";
import { createHttpApp } from "./endpoints/http-app.js";
import { createFaultRegistry } from "./faults/fault-registry.js";
import { createKeyRing, type KeyRing } from "./keys/key-ring.js";
import { listenOnLoopback } from "./loopback-server.js";
import { createAutoSignIn } from "./state/auto-sign-in.js";
import { createBoundedMap } from "./state/bounded-map.js";
import { type Clock, createClock } from "./state/clock.js";
import { createConsents } from "./state/consents.js";
import type { EmulatorState } from "./state/emulator-state.js";
import { createJournal } from "./state/journal.js";
import { createSsoSessions } from "./state/sso-session.js";

const MAXIMUM_RECORDS = 10_000;
const MAXIMUM_PENDING = 1000;

/** The options of `startEntraEmulator`. By default the built-in directory is served on a free port of localhost. */
export interface EntraEmulatorOptions {
  /** Default 0: a free port. */
  readonly port?: number | undefined;
  /** `localhost` (default), `127.0.0.1` or `::1`. Everybody who reaches the emulator can sign in as any person. */
  readonly host?: string | undefined;
  readonly tenants?: readonly Tenant[] | undefined;
  readonly apps?: readonly AppRegistration[] | undefined;
  readonly people?: readonly Person[] | undefined;
  /** Source of the time, to which `control.advanceClock` adds. */
  readonly now?: (() => Date) | undefined;
  /** Signs this person in at every authorization request, without a page. */
  readonly autoSignIn?: string | undefined;
}

/** A running emulator. */
export interface EntraEmulator {
  /** Such as `http://localhost:5180`; an authority is this origin with a tenant as its path. */
  readonly origin: string;
  readonly port: number;
  readonly directory: DirectoryContent;
  readonly control: EmulatorControl;
  /** Registers an app, or replaces the one with the same client ID. */
  addApp(registration: AppRegistration): void;
  /** Changes members of a registered app; `undefined` restores the default. @throws {TypeError} if it is not registered. */
  updateApp(clientId: string, changes: Omit<AppRegistration, "clientId">): void;
  /** Stops listening and closes every connection. */
  close(): Promise<void>;
}

/** Starts an emulator of Microsoft Entra ID v2.0 on loopback. @throws {Error} if the port is taken. */
export async function startEntraEmulator(
  options: EntraEmulatorOptions = {},
): Promise<EntraEmulator> {
  const host = options.host ?? "localhost";
  const clock = createClock(options.now ?? (() => new Date()));
  const keys = await createKeyRing(clock);
  const listening = await listenOnLoopback(host, options.port ?? 0);
  const { port } = listening;
  const state = createState(options, clock, keys, originsOf(host, port));
  const control = createControl(state);
  const app = createHttpApp(state);
  mountControlEndpoint(app, state, control);
  listening.serve(getRequestListener(app.fetch));
  return {
    origin: state.origin,
    port,
    directory: state.directory,
    control,
    addApp: control.putApp,
    updateApp: (clientId, changes) =>
      control.putApp({ ...requireApp(state.directory, clientId), ...changes }),
    close: listening.close,
  };
}

function createState(
  options: EntraEmulatorOptions,
  clock: Clock,
  keys: KeyRing,
  origins: Pick<EmulatorState, "origin" | "otherOrigin">,
): EmulatorState {
  const autoSignIn = createAutoSignIn();
  if (options.autoSignIn !== undefined)
    autoSignIn.set({ upn: options.autoSignIn, times: "always" });
  return {
    ...origins,
    clock,
    keys,
    directory: createDirectory({
      tenants: options.tenants ?? Object.values(builtInTenants),
      people: options.people ?? Object.values(builtInPeople),
      apps: options.apps ?? builtInApps,
    }),
    consents: createConsents(),
    sessions: createSsoSessions(clock),
    pending: createBoundedMap(clock, MAXIMUM_PENDING),
    codes: createBoundedMap(clock, MAXIMUM_RECORDS),
    refreshTokens: createBoundedMap(clock, MAXIMUM_RECORDS),
    accessTokens: createBoundedMap(clock, MAXIMUM_RECORDS),
    revocations: new Map(),
    faults: createFaultRegistry(),
    journal: createJournal(),
    autoSignIn,
  };
}

function originsOf(
  host: string,
  port: number,
): Pick<EmulatorState, "origin" | "otherOrigin"> {
  const name = host.includes(":") ? `[${host}]` : host;
  const otherName = host === "localhost" ? "127.0.0.1" : "localhost";
  return {
    origin: `http://${name}:${port}`,
    otherOrigin: `http://${otherName}:${port}`,
  };
}

function requireApp(directory: Directory, clientId: string): AppRegistration {
  const app = directory.findApp(clientId);
  if (app === undefined)
    throw new TypeError(
      `No app is registered with the client ID "${clientId}".`,
    );
  return app;
}
