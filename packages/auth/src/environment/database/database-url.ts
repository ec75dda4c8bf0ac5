import { fileURLToPath } from "node:url";

/** The address of the database: a file, or a PostgreSQL server. */
export type DatabaseAddress =
  | { readonly engine: "sqlite"; readonly path: string }
  | {
      readonly engine: "postgres";
      /** May contain a password. Never log or show it. */
      readonly url: string;
    };

/** Parses `file:PATH` or `postgres://…`. The errors never quote the text, which may contain a password. */
export function parseDatabaseUrl(text: string): DatabaseAddress {
  if (/^postgres(ql)?:/i.test(text)) return parsePostgresUrl(text);
  if (!text.startsWith("file:"))
    refuse("must be file:PATH or postgres://USER:PASSWORD@HOST/DATABASE");
  const path = text.slice("file:".length);
  if (path === "") refuse("must name a file, such as file:./data/entrada.db");
  return {
    engine: "sqlite",
    path: text.startsWith("file://") ? fileURLToPath(text) : path,
  };
}

function parsePostgresUrl(text: string): DatabaseAddress {
  if (!URL.canParse(text))
    refuse(
      "must be postgres://USER:PASSWORD@HOST:PORT/DATABASE; percent-encode reserved characters in the password",
    );
  const { hostname, pathname, searchParams } = new URL(text);
  // For a Unix socket, the host is empty and the folder is a parameter.
  if (hostname === "" && !searchParams.has("host"))
    refuse("must name a host, as in postgres://USER:PASSWORD@HOST/DATABASE");
  if (!/^\/[^/]+$/.test(pathname))
    refuse(
      "must name one database after the host, as in postgres://USER:PASSWORD@HOST/DATABASE",
    );
  return { engine: "postgres", url: text };
}

function refuse(message: string): never {
  throw new TypeError(message);
}
