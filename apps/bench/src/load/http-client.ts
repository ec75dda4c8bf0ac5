import { Pool } from "undici";
import type { Dispatcher } from "undici";

/** A request to a contestant. */
export interface HttpRequest {
  readonly path: string;
  readonly method?: "GET" | "POST" | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Sends requests to one origin over a fixed number of connections that are kept alive. */
export interface HttpClient {
  readonly origin: string;
  send(request: HttpRequest): Promise<HttpResponse>;
  close(): Promise<void>;
}

export function createHttpClient(
  origin: string,
  connections: number,
): HttpClient {
  const pool = new Pool(origin, {
    connections,
    pipelining: 1,
    headersTimeout: 30_000,
    bodyTimeout: 30_000,
  });
  return {
    origin,
    send: (request) => send(pool, request),
    close: () => pool.destroy(),
  };
}

async function send(
  pool: Dispatcher,
  { path, method = "GET", headers = {}, body }: HttpRequest,
): Promise<HttpResponse> {
  const response = await pool.request({
    path,
    method,
    headers,
    ...(body === undefined ? {} : { body }),
  });
  return {
    status: response.statusCode,
    headers: response.headers,
    text: await response.body.text(),
  };
}
