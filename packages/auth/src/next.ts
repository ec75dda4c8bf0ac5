export {
  createRouteHandlers,
  getSession,
  requireSession,
  withBearer,
  withSession,
} from "./hosts/next.js";
export type { PageRequirement, RouteHandler } from "./hosts/next.js";
export type { HostOptions } from "./hosts/session-guard.js";
export type { BearerOptions } from "./hosts/bearer-guard.js";
export type { SessionRequirement } from "./hosts/session-requirement.js";
