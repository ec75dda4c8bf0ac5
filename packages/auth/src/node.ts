export {
  getSession,
  requireBearer,
  requireSession,
  toNodeHandler,
} from "./hosts/node.js";
export type { NodeListener } from "./hosts/node.js";
export type { HostOptions } from "./hosts/session-guard.js";
export type { BearerOptions } from "./hosts/bearer-guard.js";
export type { SessionRequirement } from "./hosts/session-requirement.js";
