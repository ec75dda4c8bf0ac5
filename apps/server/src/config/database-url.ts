import { fileURLToPath } from "node:url";

/** Where the data rests: a file of this machine, or a PostgreSQL server that many machines share. */
export type DatabaseConfig =
  | { readonly engine: "sqlite"; readonly path: string }
  | {
      readonly engine: "postgres";
      /** Holds a password: never to be logged or shown. */
      readonly url: string;
    };

/** Parses `file:PATH` or `postgres://…`. The errors quote nothing of the text, which may hold a password. */
export function parseDatabaseUrl(text: string): DatabaseConfig {
  if (/^postgres(ql)?:/i.test(text)) return parsePostgresUrl(text);
  if (!text.startsWith("file:"))
    refuse("has to be file:PATH or postgres://USER:PASSWORD@HOST/DATABASE");
  const path = text.slice("file:".length);
  if (path === "") refuse("has to name a file, such as file:./data/entrada.db");
  return {
    engine: "sqlite",
    path: text.startsWith("file://") ? fileURLToPath(text) : path,
  };
}

function parsePostgresUrl(text: string): DatabaseConfig {
  if (!URL.canParse(text))
    refuse(
      "has to be postgres://USER:PASSWORD@HOST:PORT/DATABASE; letters of the password that a URL gives a meaning are percent-encoded",
    );
  const { hostname, pathname, searchParams } = new URL(text);
  // A Unix socket has its folder in a parameter, and then no host.
  if (hostname === "" && !searchParams.has("host"))
    refuse("has to name a host, as in postgres://USER:PASSWORD@HOST/DATABASE");
  if (!/^\/[^/]+$/.test(pathname))
    refuse(
      "has to name one database after the host, as in postgres://USER:PASSWORD@HOST/DATABASE",
    );
  return { engine: "postgres", url: text };
}

function refuse(message: string): never {
  throw new TypeError(message);
}
