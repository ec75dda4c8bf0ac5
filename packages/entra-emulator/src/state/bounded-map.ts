import type { Clock } from "./clock.js";

/** A map whose entries expire and whose size is limited: the oldest entries are dropped. */
export interface BoundedMap<V> {
  readonly size: number;
  get(key: string): V | undefined;
  set(key: string, value: V, expiresAt: Date): void;
  delete(key: string): void;
  clear(): void;
  values(): readonly V[];
}

/** Creates an empty {@link BoundedMap}. */
export function createBoundedMap<V>(
  clock: Clock,
  limit: number,
): BoundedMap<V> {
  const entries = new Map<
    string,
    { readonly value: V; readonly expiresAt: number }
  >();

  const isAlive = (entry: { readonly expiresAt: number }): boolean =>
    entry.expiresAt > clock.now().getTime();

  return {
    get size() {
      return entries.size;
    },
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      if (isAlive(entry)) return entry.value;
      entries.delete(key);
      return undefined;
    },
    set(key, value, expiresAt) {
      entries.delete(key);
      entries.set(key, { value, expiresAt: expiresAt.getTime() });
      for (const oldest of entries.keys()) {
        if (entries.size <= limit) break;
        entries.delete(oldest);
      }
    },
    delete: (key) => void entries.delete(key),
    clear: () => entries.clear(),
    values: () =>
      [...entries.values()].filter(isAlive).map((entry) => entry.value),
  };
}
