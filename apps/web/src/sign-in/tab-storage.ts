// If a browser refuses storage, nothing is stored, and the visitor needs one more step.

/** Stores a string for this tab, also while the identity provider's page is open. */
export function keepInTab(key: string, text: string): void {
  withStorage((storage) => storage.setItem(key, text));
}

/** Returns the string that is stored for this tab. */
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
