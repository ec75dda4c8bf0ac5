import { createServer } from "node:http";
import { once } from "node:events";
import express from "express";
import type { ErrorRequestHandler } from "express";
import fastify from "fastify";
import { Hono } from "hono";
import { describe, expect, it } from "vitest";
import {
  requireBearer as requireExpressBearer,
  requireSession as requireExpressSession,
} from "../../src/express.js";
import {
  requireBearer as requireFastifyBearer,
  requireSession as requireFastifySession,
} from "../../src/fastify.js";
import {
  requireBearer as requireHonoBearer,
  requireSession as requireHonoSession,
} from "../../src/hono.js";

const sendMessage: ErrorRequestHandler = (error, _req, res, _next) => {
  res.status(500).send(error.message);
};

const guards = [
  [
    "requireSession",
    requireExpressSession,
    requireFastifySession,
    requireHonoSession,
  ],
  [
    "requireBearer",
    requireExpressBearer,
    requireFastifyBearer,
    requireHonoBearer,
  ],
] as const;

describe.each(guards)(
  "%s without the adapter before it",
  (_, ofExpress, ofFastify, ofHono) => {
    it("[N13] fails with what to call first in Express", async () => {
      const app = express();
      app.get("/", ofExpress(), (_req, res) => {
        res.send("reached");
      });
      app.use(sendMessage);
      const server = createServer(app).listen(0, "localhost");
      await once(server, "listening");
      const address = server.address();
      const port = typeof address === "object" ? address?.port : undefined;

      const response = await fetch(`http://localhost:${port}/`);
      const text = await response.text();
      server.closeAllConnections();
      server.close();

      expect(text).toContain("call app.use(authMiddleware(auth)) before it");
    });

    it("[N13] fails with what to register first in Fastify", async () => {
      const app = fastify();
      app.get("/", { onRequest: ofFastify() }, () => "reached");

      const response = await app.inject("/");

      expect(response.statusCode).toBe(500);
      expect(response.json().message).toContain("register authPlugin");
    });

    it("[N13] fails with what to call first in Hono", async () => {
      const app = new Hono();
      app.get("/", ofHono(), (c) => c.text("reached"));
      app.onError((error, c) => c.text(error.message, 500));

      const response = await app.request("/");

      expect(await response.text()).toContain(
        "authMiddleware(auth)) before it",
      );
    });
  },
);
