// The entry of the bundle. Code that is loaded before the compile cache is in use is compiled at every start, so the
// server itself is loaded afterwards.
import { useCompileCache } from "./compile-cache.js";
import { readEnvironment } from "./config/config.js";

try {
  useCompileCache(readEnvironment());
} catch {
  // The server reads the environment, too, and reports why it cannot.
}
void import("./main.js");
