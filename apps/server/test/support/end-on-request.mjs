// Ends the process of a test immediately after it has handled a request with the header `x-end`: by an exception that
// nothing catches, or by an exit.
import { subscribe } from "node:diagnostics_channel";

const endings = {
  exception: () => {
    throw new Error("The test crashes this process.");
  },
  exit: () => process.exit(3),
};

subscribe("http.server.request.start", ({ request }) => {
  const end = endings[request.headers["x-end"]];
  if (end !== undefined) setImmediate(end);
});
