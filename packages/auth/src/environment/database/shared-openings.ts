/** The open databases of this process by their settings, including those that are being opened. */
export type Openings<Opened> = Map<string, Promise<Opened>>;

const registryKey = Symbol.for("@entrada/auth/openings");

/** Returns the openings that all copies of this module share, because frameworks evaluate a module several times. */
export function findSharedOpenings<Opened>(): Openings<Opened> {
  const found: unknown = Reflect.get(globalThis, registryKey);
  if (found instanceof Map) return found;
  const openings: Openings<Opened> = new Map();
  Reflect.set(globalThis, registryKey, openings);
  return openings;
}

/** Returns the opening for these settings, or starts one. A failed opening is removed. */
export function openOnce<Opened>(
  openings: Openings<Opened>,
  settings: string,
  open: () => Promise<Opened>,
): Promise<Opened> {
  const found = openings.get(settings);
  if (found !== undefined) return found;
  const opening = open();
  openings.set(settings, opening);
  opening.catch(() => {
    if (openings.get(settings) === opening) openings.delete(settings);
  });
  return opening;
}
