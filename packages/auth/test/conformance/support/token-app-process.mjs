// Another server of the app in token-app.ts, in its own process. It sends its origin when it listens, and stops at the
// first message.
import { loadModule } from "../../load-source.mjs";

const [, , provider, databasePath, appUrl] = process.argv;
const { startTokenApp } = await loadModule(
  "test/conformance/support/token-app.ts",
);
const app = await startTokenApp({ origin: provider }, databasePath, appUrl);

process.once("message", async () => {
  await app.stop();
  process.exit();
});
process.send(app.origin);
