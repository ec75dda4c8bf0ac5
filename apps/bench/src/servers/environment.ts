/** What every server of the benchmark reads from its environment. */
const { PORT = "", PROVIDER = "", DATABASE = "" } = process.env;

export const port = Number(PORT);
/** The origin of this server. */
export const origin = `http://localhost:${PORT}`;
/** The origin of the identity provider. */
export const provider = PROVIDER;
/** The path of the SQLite database. */
export const databasePath = DATABASE;
export const redirectUri = `${origin}/auth/callback`;
