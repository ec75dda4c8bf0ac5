import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import { AppLayout } from "./layout/app-layout.js";
import { ErrorPage } from "./pages/error-page.js";
import { NotFoundPage } from "./pages/not-found-page.js";
import { PendingPage } from "./pages/pending-page.js";
import { StartPage } from "./pages/start-page.js";
import { formatSearch, parseSearch } from "./search.js";

const rootRoute = createRootRoute({
  component: AppLayout,
  notFoundComponent: NotFoundPage,
});

const startRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  component: StartPage,
});

const workspaceRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/workspace",
  component: lazyRouteComponent(
    () => import("./pages/workspace-page.js"),
    "WorkspacePage",
  ),
});

const accountRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/account",
  component: lazyRouteComponent(
    () => import("./pages/account-page.js"),
    "AccountPage",
  ),
});

const adminRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/admin",
});

const adminStartRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/admin/users", replace: true });
  },
});

const usersRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: "users",
  component: lazyRouteComponent(
    () => import("./pages/users-page.js"),
    "UsersPage",
  ),
});

const auditRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: "audit",
  component: lazyRouteComponent(
    () => import("./pages/audit-page.js"),
    "AuditPage",
  ),
});

const callbackRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/auth/callback",
  component: lazyRouteComponent(
    () => import("./pages/callback-page.js"),
    "CallbackPage",
  ),
});

const routeTree = rootRoute.addChildren([
  startRoute,
  workspaceRoute,
  accountRoute,
  adminRoute.addChildren([adminStartRoute, usersRoute, auditRoute]),
  callbackRoute,
]);

/** Creates the router of the app below this path of APP_URL, which is empty for an origin. */
// oxlint-disable-next-line typescript/explicit-function-return-type -- its type is the route tree's own
export function createAppRouter(appPath = "") {
  return createRouter({
    routeTree,
    basepath: `${appPath}/`,
    parseSearch,
    stringifySearch: formatSearch,
    scrollRestoration: true,
    defaultPreload: "intent",
    defaultErrorComponent: ErrorPage,
    defaultNotFoundComponent: NotFoundPage,
    defaultPendingComponent: PendingPage,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
