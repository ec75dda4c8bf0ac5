export { authPlugin, requireSession } from "./hosts/fastify.js";
export type { AuthPluginOptions, FastifyHook } from "./hosts/fastify.js";
export { sessionOf } from "./hosts/host.js";
export type { HostOptions } from "./hosts/session-guard.js";
export type { SessionRequirement } from "./hosts/session-requirement.js";
