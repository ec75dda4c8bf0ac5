// Prints the rate of `auth.me` relative to the fastest stock tRPC host.
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { startSite } from "../server/test/support/site.js";
import { findMedian, measureRate } from "./load.js";

const rounds = 9;
const requests = 4000;

const site = await startSite();
const visitor = site.createVisitor();
await visitor.signIn("ada@contoso.com");
const cookie = [...visitor.cookies()]
  .map(([name, value]) => `${name}=${value}`)
  .join("; ");
const stock = fork(fileURLToPath(new URL("./stock-host.ts", import.meta.url)), [
  site.server.databasePath,
]);
const [{ port }] = await once(stock, "message");

const headers = { cookie, "x-csrf": "1" };
const ratios: number[] = [];
for (let round = 0; round < rounds; round++) {
  const theirs = await measureRate(
    `http://localhost:${port}/trpc/auth.me`,
    headers,
    requests,
  );
  const ours = await measureRate(
    `${site.server.origin}/trpc/auth.me`,
    headers,
    requests,
  );
  ratios.push(ours / theirs);
}
console.log(
  `auth.me: ${findMedian(ratios).toFixed(2)} times the rate of the fastest stock tRPC host with a raw SELECT`,
);
stock.kill();
await site.stop();
