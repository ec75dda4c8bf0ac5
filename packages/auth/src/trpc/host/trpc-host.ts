import { getTRPCErrorFromUnknown } from "@trpc/server";
import type {
  AnyTRPCProcedure,
  AnyTRPCRootTypes,
  AnyTRPCRouter,
  TRPCError,
  TRPCRootConfig,
} from "@trpc/server";
import type { Auth } from "../../core/auth.js";
import { readParts } from "../../core/auth-parts.js";
import { isAuthError } from "../../core/error.js";
import { clientAddressReaderOf } from "../../http/auth-limits.js";
import { parseBasePath } from "../../http/handler/base-path.js";
import type { BasePath } from "../../http/handler/base-path.js";
import { createRequestAuthFactory } from "../../http/request-auth.js";
import type { CreateRequestAuth } from "../../http/request-auth.js";
import type { ReadClientAddress } from "../../http/client-address.js";
import type { ResponseHeaders } from "../../http/response-headers.js";
import type { ReadHeader } from "../../http/same-origin.js";
import { createCommonHeaders } from "../../http/security-headers.js";
import type { AuthContext } from "../auth-procedures.js";
import type {
  AddToContext,
  TrpcFailure,
  TrpcHostOptions,
  TrpcLimits,
} from "./host-options.js";

/** What every request to one tRPC host needs. */
export interface TrpcHost<HostRequest> {
  /** The application's own origin. */
  readonly origin: string;
  readonly router: AnyTRPCRouter;
  readonly config: TRPCRootConfig<AnyTRPCRootTypes>;
  /** The procedures by path, without those of routers that are loaded lazily. */
  readonly procedures: Readonly<Record<string, AnyTRPCProcedure | undefined>>;
  readonly endpoint: BasePath;
  readonly limits: {
    readonly [Name in keyof TrpcLimits]-?: NonNullable<TrpcLimits[Name]>;
  };
  /** The headers of every response. */
  readonly headers: ReadonlyMap<string, string>;
  readonly createRequestAuth: CreateRequestAuth;
  readonly readClientAddress: ReadClientAddress;
  readonly addToContext: AddToContext<HostRequest> | undefined;
  /** Reports a failed call to the app, or to the log of `auth`. */
  readonly report: (failure: TrpcFailure) => void;
}

/** The parts of a request that decide whether it reaches tRPC. */
export interface RequestHead {
  readonly method: string;
  /** The path below the endpoint as the client sent it, such as `/auth.me`. */
  readonly path: string;
  readonly readHeader: ReadHeader;
}

/** A request that was not refused. */
export interface AdmittedRequest<HostRequest> extends RequestHead {
  /** The request as the app's `createContext` receives it. */
  readonly req: HostRequest;
  readonly url: string;
  /** Returns the address that rate limits count by; `undefined` if it is unknown. Few requests need it. */
  readonly readAddress: () => string | undefined;
}

/**
 * Returns a function that creates the host at the first request. An `Auth` from the environment reads its variables
 * when it is first used, and a module that creates a handler may be imported without them.
 */
export function createLateHost<HostRequest>(
  options: TrpcHostOptions<HostRequest>,
): () => TrpcHost<HostRequest> {
  let host: TrpcHost<HostRequest> | undefined;
  return () => (host ??= createHost(options));
}

/** Creates the context of a request: what the app adds, and `auth`. */
export function createContext<HostRequest>(
  { createRequestAuth, addToContext }: TrpcHost<HostRequest>,
  { req, url, method, readHeader, readAddress }: AdmittedRequest<HostRequest>,
  responseHeaders: ResponseHeaders,
): AuthContext | Promise<AuthContext> {
  const auth = createRequestAuth({
    url,
    method,
    readHeader,
    responseHeaders,
    get clientAddress() {
      return readAddress();
    },
  });
  if (addToContext === undefined) return { auth };
  const added = addToContext({ req, auth, responseHeaders });
  return added instanceof Promise
    ? added.then((rest) => ({ ...rest, auth }))
    : { ...added, auth };
}

/** Reports a failure to the log of `auth`. Invalid calls are omitted: they are errors of the client. */
export function reportToLog(
  auth: Auth,
  {
    error,
    path,
  }: { readonly error: unknown; readonly path?: string | undefined },
): void {
  const failure = getTRPCErrorFromUnknown(error);
  if (isClientError(failure)) return;
  readParts(auth)?.onRequestFailure?.(failure.cause ?? failure, path);
}

function isClientError({ code, cause }: TRPCError): boolean {
  return code !== "INTERNAL_SERVER_ERROR" && !isAuthError(cause);
}

function createHost<HostRequest>(
  options: TrpcHostOptions<HostRequest>,
): TrpcHost<HostRequest> {
  const { auth, router, createContext: addToContext } = options;
  // The only reading of a router's definition, with the types of its procedures. A test verifies what it contains.
  const { _def: definition } = router;
  const { _config: config, procedures } = definition;
  return {
    origin: auth.origin,
    router,
    config,
    procedures,
    endpoint: parseBasePath(auth.appUrl, options.endpoint ?? "/trpc"),
    limits: {
      maxBatchSize: options.maxBatchSize ?? 20,
      maxBodyBytes: options.maxBodyBytes ?? 256 * 1024,
      bodyTimeoutMilliseconds: options.bodyTimeoutMilliseconds ?? 30_000,
    },
    headers: new Map(
      Object.entries({
        ...createCommonHeaders(auth),
        "cache-control": "no-store",
        "content-type": "application/json",
        vary: "trpc-accept, accept",
      }),
    ),
    createRequestAuth: createRequestAuthFactory({ auth }),
    readClientAddress: clientAddressReaderOf(auth),
    addToContext,
    report: options.onError ?? ((failure) => reportToLog(auth, failure)),
  };
}
