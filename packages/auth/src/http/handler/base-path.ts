const pathPattern = /^(\/[A-Za-z0-9._~-]+)+\/?$/;

/** The base path of an application's routes. */
export interface BasePath {
  /** The public address of the routes, such as `https://your.app/auth`. */
  readonly routesUrl: string;
  /** Returns the rest of a path after the base path, such as `/login`; `undefined` for a path outside of it. */
  readonly cut: (pathname: string) => string | undefined;
}

/**
 * Returns the base path of the routes: `/auth` below the application's path, or the given path. A given path that
 * begins with the application's path is used as it is; any other is appended to it. A proxy may strip the application's
 * path, so the routes are found with and without it.
 *
 * @throws {TypeError} if the base path is not a valid path.
 */
export function parseBasePath(
  appUrl: string,
  basePath: string | undefined = "/auth",
): BasePath {
  const segments = basePath.split("/");
  if (
    !pathPattern.test(basePath) ||
    segments.includes(".") ||
    segments.includes("..")
  ) {
    throw new TypeError(
      "basePath must be a path such as /auth, of letters, digits and the characters -._~.",
    );
  }
  const { origin, pathname } = new URL(appUrl);
  const appPath = pathname === "/" ? "" : pathname;
  const given = basePath.replace(/\/$/, "");
  const inner = given.startsWith(`${appPath}/`)
    ? given.slice(appPath.length)
    : given;
  const paths = new Set([`${appPath}${inner}`, inner]);
  return {
    routesUrl: `${origin}${appPath}${inner}`,
    cut: (path) => {
      for (const base of paths) {
        if (path === base || path.startsWith(`${base}/`))
          return path.slice(base.length).replace(/\/$/, "");
      }
      return undefined;
    },
  };
}
