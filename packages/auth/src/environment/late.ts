import { authPartsKey } from "../core/auth-parts.js";
import type { SessionStore } from "../core/stores/session-store.js";
import type { Stores } from "../core/stores/stores.js";

/**
 * Returns an object that is created when one of its properties is first read. The properties of `own` do not create it.
 *
 * Reading `then` or a foreign symbol does not create it either: promises read `then`, and tools read symbols to display
 * a value.
 */
export function createLateObject<Made extends object, Own extends object>(
  own: Own,
  make: () => Made,
): Made & Own {
  const isOwn = (name: string | symbol) =>
    name === "then" ||
    (typeof name === "symbol" && name !== authPartsKey) ||
    Object.hasOwn(own, name);
  return new Proxy(own, {
    get: (_, name) => Reflect.get(isOwn(name) ? own : make(), name),
    has: (_, name) => Reflect.has(isOwn(name) ? own : make(), name),
    // For copies and comparisons.
    ownKeys: () => [...Reflect.ownKeys(make()), ...Reflect.ownKeys(own)],
    getOwnPropertyDescriptor: (_, name) => {
      const target = isOwn(name) ? own : make();
      const found = Reflect.getOwnPropertyDescriptor(target, name);
      return found && { ...found, configurable: true };
    },
  }) as Made & Own;
}

/** Returns stores whose methods first wait until the stores are open. */
export function createLateStores<Columns>(
  open: () => Promise<Stores>,
  bindClient: Stores["bindClient"],
): Stores<Columns> {
  const late = <Name extends keyof Stores>(name: Name) =>
    createLateMethods<Stores[Name]>(async () => (await open())[name]);
  return {
    bindClient,
    flowStore: late("flowStore"),
    userStore: late("userStore"),
    sessionStore: createLateMethods<SessionStore<Columns>>(
      async () => (await open()).sessionStore,
    ),
    tokenCacheStore: late("tokenCacheStore"),
    auditStore: late("auditStore"),
    rateLimitStore: late("rateLimitStore"),
    leaseStore: late("leaseStore"),
  };
}

function createLateMethods<Methods extends object>(
  open: () => Promise<object>,
): Methods {
  const call =
    (name: string | symbol) =>
    async (...args: readonly unknown[]) => {
      const opened = await open();
      return Reflect.apply(Reflect.get(opened, name), opened, args);
    };
  return new Proxy({}, { get: (_, name) => call(name) }) as Methods;
}
