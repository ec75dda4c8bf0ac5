// One server of the small app that acquires access tokens, in a process of its own. It says its URL when it listens, and
// stops when it is told to.
import { loadModule } from "../../load-source.mjs";

const [, , origin, databasePath] = process.argv;
const { startTokenApp } = await loadModule(
  "test/conformance/support/token-app.ts",
);
const app = await startTokenApp({ origin }, databasePath);

process.once("message", async () => {
  await app.stop();
  process.exit();
});
process.send(app.appUrl);
