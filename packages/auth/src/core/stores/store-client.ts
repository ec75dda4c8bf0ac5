/** The client whose rows a set of stores reads and writes. */
export interface StoreClient {
  /** The client ID; an empty string until a client is bound. */
  readonly id: string;

  /** @throws {TypeError} if the stores belong to another client. */
  bind(clientId: string): void;
}

/** Creates the client of a set of stores. Without a client ID, it is bound later. */
export function createStoreClient(clientId = ""): StoreClient {
  let id = clientId;
  return {
    get id() {
      return id;
    },
    bind: (wanted) => {
      if (id !== "" && id !== wanted)
        throw new TypeError(
          `These stores belong to the client ${id}. Create other stores on the same database for the client ${wanted}.`,
        );
      id = wanted;
    },
  };
}
