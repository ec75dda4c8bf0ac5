import type { HttpBindings } from "@hono/node-server";
import type { Parameters } from "../protocol/authorization-request.js";
import type { RequestIds } from "../protocol/error-answer.js";

/** Hono's environment, which gives access to Node's request and response. */
export interface EmulatorEnv {
  readonly Bindings: HttpBindings;
}

/** A parsed HTTP request. */
export interface EmulatorRequest {
  readonly method: string;
  /** First segment of the path. */
  readonly tenantSegment: string;
  readonly query: Parameters;
  readonly form: Parameters;
  /** The form of a POST, else the query. */
  readonly parameters: Parameters;
  readonly origin: string | undefined;
  readonly authorization: string | undefined;
  /** Value of the emulator's single sign-on cookie. */
  readonly ssoToken: string | undefined;
  readonly ids: RequestIds;
}
