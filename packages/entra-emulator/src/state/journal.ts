const MAXIMUM_ENTRIES = 1000;

/** The names of the endpoints in faults and in the journal. */
export const endpointNames = [
  "discovery",
  "keys",
  "instance_discovery",
  "authorize",
  "sign_in",
  "token",
  "userinfo",
  "logout",
] as const;

/** One of the emulator's endpoints. */
export type EndpointName = (typeof endpointNames)[number];

/** A request that the emulator received. Parameters are recorded unchanged, including secrets. */
export interface ReceivedRequest {
  readonly receivedAt: string;
  readonly endpoint: EndpointName;
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Parameters of a form body. */
  readonly form: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  /** Status of the response; 0 if the connection was destroyed. */
  readonly status: number;
}

/** The last 1000 requests. */
export interface Journal {
  add(request: ReceivedRequest): void;
  requests(endpoint?: EndpointName): readonly ReceivedRequest[];
  clear(): void;
}

export function createJournal(): Journal {
  let entries: ReceivedRequest[] = [];
  return {
    add: (request) => {
      entries.push(request);
      if (entries.length > MAXIMUM_ENTRIES) entries.shift();
    },
    requests: (endpoint) =>
      entries.filter(
        (entry) => endpoint === undefined || entry.endpoint === endpoint,
      ),
    clear: () => {
      entries = [];
    },
  };
}
