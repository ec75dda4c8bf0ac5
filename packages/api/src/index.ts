export { appRouter } from "./app-router.js";
export type { AppContext, AppRouter } from "./app-router.js";
