// Compares Entrada with a server that does the least a sign-in needs, and with other libraries.
import { run } from "./run.js";

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
