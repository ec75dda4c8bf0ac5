// Compares Entrada with a server that does the least a sign-in needs, and with other libraries.
import { run } from "./run.js";

process.exitCode = await run(process.argv.slice(2));
