import formbody from "@fastify/formbody";
import fastify from "fastify";
import fastify4 from "fastify-4";
import formbody7 from "formbody-7";
import { describeBearerTokens } from "./bearer-contract.js";
import { describeHost } from "./host-contract.js";
import { describeFastify } from "./support/fastify-host.js";

describeHost(describeFastify("Fastify 5", fastify, formbody));
describeHost(describeFastify("Fastify 4", fastify4, formbody7));
describeBearerTokens(describeFastify("Fastify 5", fastify, formbody));
describeBearerTokens(describeFastify("Fastify 4", fastify4, formbody7));
