export { authMiddleware, requireSession } from "./hosts/express.js";
export type { AuthRequest, ExpressMiddleware } from "./hosts/express.js";
export { sessionOf } from "./hosts/host.js";
export type { HostOptions } from "./hosts/session-guard.js";
export type { SessionRequirement } from "./hosts/session-requirement.js";
