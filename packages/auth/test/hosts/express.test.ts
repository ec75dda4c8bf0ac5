import express from "express";
import express4 from "express-4";
import { describeBearerTokens } from "./bearer-contract.js";
import { describeHost } from "./host-contract.js";
import { describeExpress } from "./support/express-host.js";

describeHost(describeExpress("Express 5", express));
describeHost(describeExpress("Express 4", express4));
describeBearerTokens(describeExpress("Express 5", express));
describeBearerTokens(describeExpress("Express 4", express4));
