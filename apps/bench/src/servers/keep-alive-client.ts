import { Agent, request } from "node:http";
import type { OutgoingHttpHeaders } from "node:http";

const agent = new Agent({ keepAlive: true });

/** The status and the parsed body of a response. */
export interface JsonResponse<Body> {
  readonly status: number;
  readonly body: Body;
}

interface TextResponse {
  readonly status: number;
  readonly text: string;
}

interface RequestInit {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** Sends a request by node:http over a connection that is kept alive, and parses the JSON of the response. */
export function requestJson<Body = Fields>(
  url: string,
  { method = "GET", headers = {}, body = "" }: RequestInit = {},
): Promise<JsonResponse<Body>> {
  return new Promise<TextResponse>((resolve, reject) => {
    const outgoing = request(
      url,
      {
        method,
        agent,
        headers: { ...headers, "content-length": Buffer.byteLength(body) },
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (text += chunk));
        response.once("error", reject);
        response.once("end", () =>
          resolve({ status: response.statusCode ?? 0, text }),
        );
      },
    );
    outgoing.once("error", reject);
    outgoing.end(body);
  }).then(({ status, text }) => ({ status, body: JSON.parse(text) }));
}
