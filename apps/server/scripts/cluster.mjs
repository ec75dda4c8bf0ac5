// Starts what apps/server/compose.yaml describes, without containers: PostgreSQL, two servers or more, and a small proxy;
// and an Entra ID emulator to sign in with. Run it by `pnpm --filter @entrada/server cluster`, after `pnpm build`.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { watchStarters } from "../../../scripts/starters.mjs";
import { startCluster } from "../cluster/cluster.ts";

const help = `cluster: PostgreSQL, servers and a proxy on this machine

  --servers NUMBER   how many servers (default 2)
  --port NUMBER      where the proxy listens; 0 takes a free port (default 8080)

DATABASE_URL=postgres://… uses a database that stays. Other variables of the server are handed to all of them.`;
const handedOn =
  /^(ENTRA_ALLOWED_TENANTS|ENTRA_OPERATOR_TENANT|ENTRA_TENANT|SESSION_.*|FLOW_SECONDS|SIGN_IN_RATE_PER_MINUTE|DATABASE_POOL_SIZE|LOG_LEVEL)$/;
const program = fileURLToPath(new URL("../dist/main.js", import.meta.url));

await main();

async function main() {
  const { values } = parseArgs({
    // pnpm hands on the dashes that end its own options.
    args: process.argv.slice(2).filter((argument) => argument !== "--"),
    options: {
      servers: { type: "string", default: "2" },
      port: { type: "string", default: "8080" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(help);
  if (!existsSync(program))
    return refuse("The server is not built yet: run `npx -y pnpm@12 build`.");
  const starting = startCluster({
    servers: Number(values.servers),
    port: Number(values.port),
    databaseUrl: process.env.DATABASE_URL,
    settings: Object.fromEntries(
      Object.entries(process.env).filter(([name]) => handedOn.test(name)),
    ),
    tell: (line) => console.log(line),
  });
  stopOnSignal(starting);
  try {
    const { origin } = await starting;
    console.log(
      `Entrada is ready on ${values.servers} servers: open ${origin} and sign in as ada@contoso.com, or as anybody else.`,
    );
    console.log("Ctrl+C stops everything.");
  } catch (error) {
    refuse(error.message);
  }
}

function stopOnSignal(starting) {
  let isStopping = false;
  const stop = async () => {
    if (isStopping) return;
    isStopping = true;
    // What has failed to start has been stopped already.
    const cluster = await starting.catch(() => undefined);
    await cluster?.stop();
    console.log("Everything is stopped.");
    process.exit();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
    process.on(signal, stop);
  watchStarters(stop);
}

function refuse(message) {
  console.error(message);
  process.exitCode = 1;
}
