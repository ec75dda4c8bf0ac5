const pathPattern = /^(\/[A-Za-z0-9._~-]+)+\/?$/;

/** Where the routes of one application live. */
export interface BasePath {
  /** Their public address, such as `https://your.app/auth`. */
  readonly routesUrl: string;
  /** Returns what follows the base path, such as `/login`; `undefined` for a path outside of it. */
  readonly cut: (pathname: string) => string | undefined;
}

/**
 * Returns where the routes live: at `/auth` of the application, or at the given path. A path that begins with the
 * application's own is the whole path; any other lies below the application's. A proxy may strip the application's path,
 * so both paths lead to the routes.
 *
 * @throws {TypeError} if the base path is not the path of a folder.
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
      "basePath must be a path of letters, digits and -._~ such as /auth.",
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
