// Auth.js on Express. The session is an encrypted JWT in a cookie, and there is no database. Its Microsoft provider
// refuses plain http, also on loopback, so this is a provider of its generic type `oidc`.
import { ExpressAuth } from "@auth/express";
import express from "express";
import { registration, tenantUrlOf } from "../provider/registration.js";
import { provider } from "./environment.js";
import { serve } from "./http.js";

const { clientId, clientSecret } = registration;
const app = express();
app.set("trust proxy", true);
app.get("/healthz", (_, response) => void response.send("ok"));
app.use(
  // Auth.js needs an unnamed parameter, which Express 5 has in a regular expression only.
  /^\/auth\/(.*)/,
  ExpressAuth({
    secret: Buffer.alloc(32, 7).toString("base64"),
    trustHost: true,
    providers: [
      {
        id: "entra",
        name: "Entra ID",
        type: "oidc",
        clientId,
        clientSecret,
        issuer: `${tenantUrlOf(provider)}/v2.0`,
        authorization: { params: { scope: "openid profile email" } },
      },
    ],
  }),
);
serve(app);
