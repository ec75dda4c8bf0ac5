import { TRPCError } from "@trpc/server";
import type { TRPCDefaultErrorShape } from "@trpc/server";
import { TRPC_ERROR_CODES_BY_KEY } from "@trpc/server/rpc";
import { isAuthError } from "../core/error.js";
import type { AuthError, AuthErrorCode } from "../core/error.js";
import { formatError, toStatus, toStatusName } from "../http/error-response.js";
import type { ErrorRepresentation } from "../http/error-response.js";

type TrpcCode = TRPCError["code"];

const maximumPathLength = 100;

/** A tRPC error of this package: the code is in `data.authCode`, and the message is safe to show. */
export interface AuthErrorShape {
  readonly code: number;
  readonly message: string;
  readonly data: Omit<ErrorRepresentation, "message"> & {
    readonly code: TrpcCode;
    readonly httpStatus: number;
    readonly path?: string | undefined;
  };
}

// The codes for errors of tRPC or of the application, by HTTP status.
const authCodes: Readonly<Record<number, AuthErrorCode>> = {
  401: "not_signed_in",
  403: "role_required",
  429: "rate_limited",
  503: "store_unavailable",
};

/**
 * Formats every error of an application, including its own and tRPC's: `data.authCode` is always set, no stack trace
 * leaves the server, and an unexpected failure has a general message.
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
  // A parser's message quotes its input, which may be a code or a token.
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

/** Returns the failure as a tRPC error with the corresponding code, for server-side callers. */
export function toTrpcError(cause: AuthError): TRPCError {
  return new TRPCError({ code: toStatusName(cause.code), cause });
}

/** Returns the shape of an error for a request that is refused before tRPC handles it. */
export function createErrorShape(
  failure: AuthError,
  place: { readonly path?: string | undefined } = {},
): AuthErrorShape {
  const { message, ...data } = formatError(failure);
  const httpStatus = toStatus(failure.code);
  const code = toStatusName(failure.code);
  return {
    code: TRPC_ERROR_CODES_BY_KEY[code],
    message,
    data: { ...data, code, httpStatus, ...createPlace(place) },
  };
}

/** Returns the path of the procedure, truncated, because the caller determines its length. */
function createPlace({ path }: { readonly path?: string | undefined }): {
  readonly path: string | undefined;
} {
  return { path: path?.slice(0, maximumPathLength) };
}

const messages: Readonly<Partial<Record<AuthErrorCode, string>>> = {
  internal_error: "Something failed on our side.",
  invalid_request: "The request cannot be read.",
};
