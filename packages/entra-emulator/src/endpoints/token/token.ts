import { requireAuthority } from "../../directory/authority.js";
import { AadstsError } from "../../protocol/aadsts.js";
import { requireParameter } from "../../protocol/authorization-request.js";
import { createErrorAnswer, toErrorBody } from "../../protocol/error-answer.js";
import {
  applyPatch,
  type JsonObject,
  type TokenOccasion,
} from "../../faults/fault.js";
import type { EmulatorState } from "../../state/emulator-state.js";
import { authenticateClient } from "./client-authentication.js";
import { redeemClientCredentials } from "./client-credentials-grant.js";
import { redeemCode } from "./code-grant.js";
import type { EmulatorRequest } from "../emulator-request.js";
import { redeemRefreshToken } from "./refresh-token-grant.js";

/** Serves the token endpoint. */
export async function handleToken(
  state: EmulatorState,
  request: EmulatorRequest,
): Promise<Response> {
  const context = {
    clientId: request.form.get("client_id"),
    occasion: occasionOf(request),
  };
  try {
    const [fault] = state.faults.take("token_error", context);
    if (fault !== undefined)
      throw new AadstsError(fault.code).withAnswer(fault);
    const body = await redeem(state, request);
    return createTokenResponse(state, request, context, body);
  } catch (error) {
    if (!(error instanceof AadstsError)) throw error;
    const answer = createErrorAnswer(state, request.ids, error);
    return createJsonResponse(
      request,
      toErrorBody(answer),
      answer.error === "invalid_client" ? 401 : 400,
    );
  }
}

async function redeem(
  state: EmulatorState,
  request: EmulatorRequest,
): Promise<JsonObject> {
  const authority = requireAuthority(state.directory, request.tenantSegment);
  if (request.method !== "POST") throw new AadstsError(900561);
  const grantType = requireParameter(request.form, "grant_type");
  const client = await authenticateClient(state, authority, request);
  switch (grantType) {
    case "authorization_code":
      return redeemCode(state, { authority, client, request });
    case "refresh_token":
      return redeemRefreshToken(state, { authority, client, request });
    case "client_credentials":
      return redeemClientCredentials(state, { authority, client, request });
    default:
      throw new AadstsError(70003, grantType.slice(0, 100));
  }
}

function occasionOf({ form }: EmulatorRequest): TokenOccasion | undefined {
  const grantType = form.get("grant_type");
  return grantType === "authorization_code" || grantType === "refresh_token"
    ? grantType
    : undefined;
}

function createTokenResponse(
  state: EmulatorState,
  request: EmulatorRequest,
  context: {
    readonly clientId: string | undefined;
    readonly occasion: TokenOccasion | undefined;
  },
  body: JsonObject,
): Response {
  const faults = state.faults.take("token_response", context);
  const changed = faults.reduce(applyPatch, body);
  const replaced = faults.find(
    (fault) => fault.body !== undefined || fault.status !== undefined,
  );
  if (typeof replaced?.body === "string") {
    return new Response(replaced.body, {
      status: replaced.status ?? 200,
      headers: { "Content-Type": "text/html" },
    });
  }
  return createJsonResponse(
    request,
    replaced?.body ?? changed,
    replaced?.status ?? 200,
  );
}

function createJsonResponse(
  request: EmulatorRequest,
  body: unknown,
  status: number,
): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      "Content-Type": "application/json; charset=utf-8",
      "Cache-Control": "no-store, no-cache",
      Pragma: "no-cache",
      Expires: "-1",
      "X-Content-Type-Options": "nosniff",
      "x-ms-request-id": request.ids.traceId,
      "x-ms-ests-server": "2.1.0 - EMULATOR",
      "x-ms-clitelem": "1,0,0,,",
      "client-request-id": request.ids.correlationId,
    },
  });
}
