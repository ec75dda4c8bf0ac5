// A browser may refuse storage; then nothing is remembered, and the visitor takes a step more.

/** Keeps a text for as long as this tab is open, across a visit to the identity provider. */
export function keepInTab(key: string, text: string): void {
  withStorage((storage) => storage.setItem(key, text));
}

/** Returns the text that this tab keeps. */
export function readFromTab(key: string): string | undefined {
  return withStorage((storage) => storage.getItem(key)) ?? undefined;
}

export function removeFromTab(key: string): void {
  withStorage((storage) => storage.removeItem(key));
}

function withStorage<Answer>(
  use: (storage: Storage) => Answer,
): Answer | undefined {
  try {
    return use(window.sessionStorage);
  } catch {
    return undefined;
  }
}
