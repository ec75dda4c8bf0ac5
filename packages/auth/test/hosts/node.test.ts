import { describeBearerTokens } from "./bearer-contract.js";
import { describeHost } from "./host-contract.js";
import { nodeHost } from "./support/node-host.js";

describeHost(nodeHost);
describeBearerTokens(nodeHost);
