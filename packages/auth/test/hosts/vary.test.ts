import express from "express";
import fastify from "fastify";
import { Hono } from "hono";
import { describe, expect, it } from "vitest";
import * as forExpress from "../../src/express.js";
import * as forFastify from "../../src/fastify.js";
import * as forHono from "../../src/hono.js";
import { createTestAuth } from "../../src/testing/test-auth.js";
import { listen } from "../support/node-exchange.js";

const { auth } = createTestAuth();
const cors = { origins: ["https://spa.example.test"] };

describe("the header Vary of the app is kept beside the one of CORS", () => {
  it("[B8] in Express", async () => {
    const app = express();
    app.use(
      (_req, res, next) => {
        res.vary("Accept");
        next();
      },
      forExpress.authMiddleware(auth, { cors }),
    );
    app.get("/", (_req, res) => {
      res.vary("Accept-Language").send("reached");
    });
    const server = await listen(app);

    const { headers } = await fetch(server.origin);
    await server.close();

    expect(headers.get("vary")).toBe("Accept, Origin, Accept-Language");
  });

  it("[B8] in Fastify", async () => {
    const app = fastify();
    app.addHook("onRequest", async (_request, reply) => {
      reply.header("vary", "Accept");
    });
    await app.register(forFastify.authPlugin, { auth, cors });
    app.get("/", () => "reached");

    const { headers } = await app.inject("/");

    expect(headers.vary).toBe("Accept, Origin");
  });

  it("[B8] in Hono", async () => {
    const app = new Hono();
    app.use(forHono.authMiddleware(auth, { cors }));
    app.get("/", (c) => c.text("reached", 200, { vary: "Accept" }));

    const { headers } = await app.request("/");

    expect(headers.get("vary")).toBe("Accept, Origin");
  });
});
