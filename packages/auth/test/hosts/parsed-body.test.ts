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
const body = JSON.stringify({ access_token: "a" });
const headers = { "content-type": "application/json" };

describe("requireBearer refuses a token in a JSON body", () => {
  it("[B7] that Express has parsed", async () => {
    const app = express();
    app.use(express.json(), forExpress.authMiddleware(auth));
    app.post("/", forExpress.requireBearer());
    const server = await listen(app);

    const { status } = await server.send({
      method: "POST",
      path: "/",
      headers,
      body,
    });
    await server.close();

    expect(status).toBe(400);
  });

  it("[B7] that Fastify has parsed before a preHandler", async () => {
    const app = fastify();
    await app.register(forFastify.authPlugin, { auth });
    const preHandler = forFastify.requireBearer();
    app.post("/", { preHandler }, () => "reached");

    const { statusCode } = await app.inject({
      method: "POST",
      url: "/",
      headers,
      payload: body,
    });

    expect(statusCode).toBe(400);
  });

  it.each(["application/json", "application/merge-patch+json; charset=utf-8"])(
    "[B7] that Hono has read, of the type %s",
    async (type) => {
      const app = new Hono();
      app.use(async (c, next) => {
        await c.req.json();
        await next();
      }, forHono.authMiddleware(auth));
      app.post("/", forHono.requireBearer(), (c) => c.text("reached"));

      const { status } = await app.request("/", {
        method: "POST",
        headers: { "content-type": type },
        body,
      });

      expect(status).toBe(400);
    },
  );
});
