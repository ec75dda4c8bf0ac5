import type {
  AnyTRPCRouter,
  TRPCError,
  inferRouterContext,
} from "@trpc/server";
import type { Auth } from "../../core/auth.js";
import type { RequestAuth } from "../../http/request-auth.js";
import type { ResponseHeaders } from "../../http/response-headers.js";
import type { AuthContext } from "../auth-procedures.js";

/** The limits of a tRPC host. A request beyond one of them is refused before a procedure is called. */
export interface TrpcLimits {
  /** The maximum number of calls of a batch. Defaults to 20. */
  readonly maxBatchSize?: number | undefined;
  /** The maximum length of a request's body. Defaults to 262,144 bytes. */
  readonly maxBodyBytes?: number | undefined;
  /** How long the body of a request may take to arrive. Defaults to 30,000 milliseconds. */
  readonly bodyTimeoutMilliseconds?: number | undefined;
}

/** What `createContext` receives: the request of the host, and what the app may do with its response. */
export interface TrpcExchange<HostRequest> {
  readonly req: HostRequest;
  readonly auth: RequestAuth;
  /** The headers of the response. For a streamed response, set them before `createContext` returns. */
  readonly responseHeaders: ResponseHeaders;
}

/** Creates what the app adds to the context of its procedures. */
export type AddToContext<HostRequest, Added extends object = object> = (
  exchange: TrpcExchange<HostRequest>,
) => Added | Promise<Added>;

/** The options of a tRPC host, without the types of the app's router. */
export interface TrpcHostOptions<HostRequest> extends TrpcLimits {
  readonly auth: Auth;
  readonly router: AnyTRPCRouter;
  /**
   * The path of the API within the application. It also matches if a proxy strips the path of `appUrl`. Defaults to
   * `/trpc`.
   */
  readonly endpoint?: string | undefined;
  /** Returns what is added to the context, which always has `auth`. */
  readonly createContext?: AddToContext<HostRequest> | undefined;
  /** Called for each failed call, as by tRPC's own hosts. Without it, failures are logged by the logger of `auth`. */
  readonly onError?: ((failure: TrpcFailure) => void) | undefined;
}

/** A call that failed. */
export interface TrpcFailure {
  readonly error: TRPCError;
  /** The path of the procedure; `undefined` if the request failed as a whole. */
  readonly path: string | undefined;
}

/** The options of `createTrpcHandler` and `createTrpcNodeHandler`. */
export type TrpcHandlerOptions<
  Router extends AnyTRPCRouter,
  HostRequest,
> = TrpcHostOptions<HostRequest> & { readonly router: Router } & ContextOption<
    Omit<inferRouterContext<Router>, keyof AuthContext>,
    HostRequest
  >;

/** `createContext`, which is required if the router's context has more than {@link AuthContext}. */
type ContextOption<Added extends object, HostRequest> =
  Record<never, never> extends Added
    ? {
        readonly createContext?: AddToContext<HostRequest, Added> | undefined;
      }
    : { readonly createContext: AddToContext<HostRequest, Added> };
