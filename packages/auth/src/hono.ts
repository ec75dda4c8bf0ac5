export { authMiddleware, requireSession } from "./hosts/hono.js";
export { sessionOf } from "./hosts/host.js";
export type { HostOptions } from "./hosts/session-guard.js";
export type { SessionRequirement } from "./hosts/session-requirement.js";
