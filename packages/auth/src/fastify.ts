export { authPlugin, requireBearer, requireSession } from "./hosts/fastify.js";
export type { AuthPluginOptions, FastifyHook } from "./hosts/fastify.js";
export { bearerOf, sessionOf } from "./hosts/host.js";
export type { HostOptions } from "./hosts/session-guard.js";
export type { BearerOptions } from "./hosts/bearer-guard.js";
export type { SessionRequirement } from "./hosts/session-requirement.js";
