import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  builtInPeople,
  builtInTenants,
  demoApp,
  startEntraEmulator,
} from "@entrada/entra-emulator";
import type { EntraEmulator } from "@entrada/entra-emulator";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startRecordingProxy } from "../../../../packages/auth/test/support/recording-proxy.js";
import type { RecordingProxy } from "../../../../packages/auth/test/support/recording-proxy.js";
import { startServerProcess } from "../support/processes.js";
import type { ServerProcess } from "../support/processes.js";
import { passProvider } from "../support/provider/provider-pages.js";
import { startTlsProvider } from "../support/provider/tls-provider.js";
import type { TlsProvider } from "../support/provider/tls-provider.js";
import { createVisitor, readQuery } from "../support/visitor.js";

const { ada } = builtInPeople;
/** Does not resolve (RFC 6761), so that a request fails unless it goes through the proxy. */
const host = "login.example.test";
const credentials = "operator:distinctive password";
const encodedCredentials = "operator:distinctive%20password";

let emulator: EntraEmulator;
let provider: TlsProvider;
let folder: string;
let proxy: RecordingProxy | undefined;
let server: ServerProcess | undefined;

beforeAll(async () => {
  emulator = await startEntraEmulator();
  provider = await startTlsProvider(emulator, host);
  folder = await mkdtemp(join(tmpdir(), "entrada-proxy-"));
  await writeFile(join(folder, "ca.pem"), provider.certificate);
  emulator.control.setFault({
    type: "id_token_claims",
    set: {
      iss: `${provider.origin}/${builtInTenants.contoso.tenantId}/v2.0`,
    },
  });
});

afterEach(async () => {
  await server?.stop();
  await proxy?.close();
  server = undefined;
  proxy = undefined;
});

afterAll(async () => {
  await provider?.close();
  await emulator?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Starts a server that can reach its provider only through the proxy. */
async function startBehindProxy(userInfo: string): Promise<{
  readonly server: ServerProcess;
  readonly proxy: RecordingProxy;
}> {
  proxy = await startRecordingProxy({ forwardTo: provider.port, credentials });
  server = await startServerProcess({
    authority: provider.origin,
    environment: {
      ENTRA_CLIENT_ID: demoApp.clientId,
      ENTRA_CLIENT_SECRET: demoApp.clientSecret,
      HTTPS_PROXY: `http://${userInfo}@127.0.0.1:${proxy.port}`,
      NODE_EXTRA_CA_CERTS: join(folder, "ca.pem"),
    },
  });
  return { server, proxy };
}

describe("a server behind a proxy", () => {
  it("requests discovery, keys and tokens through the proxy of HTTPS_PROXY", async () => {
    const { server, proxy } = await startBehindProxy(encodedCredentials);
    const visitor = createVisitor(server.origin);

    const { authorizationUrl } = (await visitor.mutate("auth.login", {})).data;
    const { location = "" } = await passProvider(
      visitor.browser,
      // The browser reaches the emulator directly.
      authorizationUrl.replace(provider.origin, emulator.origin),
      ada.upn,
    );
    const completed = await visitor.mutate(
      "auth.callback",
      readQuery(location),
    );

    expect(completed.text).toContain(ada.upn);
    expect(completed.status).toBe(200);
    expect(new Set(proxy.targets)).toEqual(new Set([`${host}:443`]));
  });

  it("[T41] logs the proxy at start, without its credentials", async () => {
    const { server, proxy } = await startBehindProxy(encodedCredentials);
    await createVisitor(server.origin).mutate("auth.login", {});
    await server.stop();

    expect(server.output()).toContain(
      `"proxies":{"https":"127.0.0.1:${proxy.port}"}`,
    );
    expect(server.output()).not.toMatch(/distinctive|operator/);
  });

  it("[T41] logs that the proxy refuses the connection, without its credentials", async () => {
    const { server } = await startBehindProxy("operator:distinctive");

    const response = await createVisitor(server.origin).mutate(
      "auth.login",
      {},
    );
    await server.stop();

    expect(response.status).toBe(503);
    expect(response.error?.data.authCode).toBe("identity_provider_unavailable");
    expect(server.output()).toContain('"code":"PROXY_RESPONSE_407"');
    expect(server.output() + response.text).not.toMatch(/distinctive|operator/);
  });

  it("[T40] reaches a provider on this machine directly, whatever the variables are", async () => {
    emulator.control.clearFaults();
    proxy = await startRecordingProxy({});
    const url = `http://127.0.0.1:${proxy.port}`;
    server = await startServerProcess({
      authority: emulator.origin,
      environment: {
        HTTP_PROXY: url,
        HTTPS_PROXY: url,
        http_proxy: url,
        NO_PROXY: "example.test",
      },
    });

    const signedIn = await createVisitor(server.origin).signIn(ada.upn);

    expect(signedIn.status).toBe(200);
    expect(proxy.targets).toEqual([]);
  });
});
