import type { TRPCDefaultErrorShape, TRPCError } from "@trpc/server";
import { TRPC_ERROR_CODES_BY_KEY } from "@trpc/server/rpc";
import { isAuthError } from "../core/error.js";
import type { AuthError, AuthErrorCode } from "../core/error.js";
import { formatError, toStatus } from "../http/error-response.js";
import type { ErrorRepresentation } from "../http/error-response.js";

type TrpcCode = TRPCError["code"];

const maximumPathLength = 100;

/** A tRPC error as this package sends it: the code is in `data.authCode`, and the message is safe to show. */
export interface AuthErrorShape {
  readonly code: number;
  readonly message: string;
  readonly data: Omit<ErrorRepresentation, "message"> & {
    readonly code: TrpcCode;
    readonly httpStatus: number;
    readonly path?: string;
  };
}

const trpcCodes: Readonly<Record<number, TrpcCode>> = {
  400: "BAD_REQUEST",
  401: "UNAUTHORIZED",
  403: "FORBIDDEN",
  404: "NOT_FOUND",
  429: "TOO_MANY_REQUESTS",
  502: "BAD_GATEWAY",
  503: "SERVICE_UNAVAILABLE",
};

// What tRPC itself, or the application, refuses by HTTP status.
const authCodes: Readonly<Record<number, AuthErrorCode>> = {
  401: "not_signed_in",
  403: "role_required",
  429: "rate_limited",
  503: "store_unavailable",
};

/**
 * Formats every error of an application, its own and tRPC's included, so that `data.authCode` is always there, no stack
 * trace leaves the server, and an unexpected failure says nothing about itself.
 */
export function formatAuthError({
  shape,
  error,
}: {
  readonly shape: TRPCDefaultErrorShape;
  readonly error: TRPCError;
}): AuthErrorShape {
  const place = createPlace(shape.data);
  if (isAuthError(error.cause)) return createErrorShape(error.cause, place);

  const { httpStatus, code } = shape.data;
  const authCode =
    authCodes[httpStatus] ??
    (httpStatus < 500 ? "invalid_request" : "internal_error");
  // A parser's message quotes what it could not read, which may be a code or a token.
  const isUnreadable =
    code === "PARSE_ERROR" || error.cause instanceof SyntaxError;
  const message =
    authCode === "internal_error" || isUnreadable
      ? messages[authCode]
      : shape.message;
  return {
    code: shape.code,
    message: message ?? shape.message,
    data: { authCode, code, httpStatus, ...place },
  };
}

/** Returns the shape of an error that is refused before tRPC sees the request. */
export function createErrorShape(
  failure: AuthError,
  place: { readonly path?: string } = {},
): AuthErrorShape {
  const { message, ...data } = formatError(failure);
  const httpStatus = toStatus(failure.code);
  const code = trpcCodes[httpStatus] ?? "INTERNAL_SERVER_ERROR";
  return {
    code: TRPC_ERROR_CODES_BY_KEY[code],
    message,
    data: { ...data, code, httpStatus, ...createPlace(place) },
  };
}

/** Where it failed, as far as that tells something: whoever asks decides how long the path is. */
function createPlace({ path }: { readonly path?: string | undefined }): {
  readonly path?: string;
} {
  return path === undefined ? {} : { path: path.slice(0, maximumPathLength) };
}

const messages: Readonly<Partial<Record<AuthErrorCode, string>>> = {
  internal_error: "Something failed on our side.",
  invalid_request: "The request cannot be read.",
};
