import { describeBearerTokens } from "./bearer-contract.js";
import { describeHost } from "./host-contract.js";
import { honoHost } from "./support/hono-host.js";

describeHost(honoHost);
describeBearerTokens(honoHost);
