import type { Context } from "hono";
import { getCookie } from "hono/cookie";
import type { Parameters } from "../protocol/authorization-request.js";
import { createRequestIds } from "../protocol/error-answer.js";
import type { EmulatorState } from "../state/emulator-state.js";
import type { EmulatorEnv, EmulatorRequest } from "./emulator-request.js";
import { ssoCookieName } from "./sso-cookie.js";

/** Parses an HTTP request. */
export async function readEmulatorRequest(
  state: EmulatorState,
  context: Context<EmulatorEnv>,
): Promise<EmulatorRequest> {
  const { req } = context;
  const query = toParameters(new URL(req.url).searchParams);
  const form = await readForm(context);
  return {
    method: req.method,
    tenantSegment: req.param("tenant") ?? "common",
    query,
    form,
    parameters: req.method === "POST" ? new Map([...query, ...form]) : query,
    origin: req.header("origin"),
    authorization: req.header("authorization"),
    ssoToken: getCookie(context, ssoCookieName(state.origin)),
    ids: createRequestIds(
      req.header("client-request-id") ?? form.get("client-request-id"),
    ),
  };
}

async function readForm({ req }: Context<EmulatorEnv>): Promise<Parameters> {
  if (req.method !== "POST") return new Map();
  if (
    !(req.header("content-type") ?? "")
      .toLowerCase()
      .startsWith("application/x-www-form-urlencoded")
  )
    return new Map();
  return toParameters(new URLSearchParams(await req.text()));
}

// The first value of a repeated parameter is used.
function toParameters(values: URLSearchParams): Parameters {
  return new Map([...values].toReversed());
}
