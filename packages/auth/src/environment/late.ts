import { authPartsKey } from "../core/auth-parts.js";
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

/** Where late stores come from. */
export interface StoreOpening {
  /** Opens the stores, unless they are open. */
  readonly open: () => Promise<Stores>;
  /** Returns the open stores; `undefined` if they are not open. */
  readonly current: () => Stores | undefined;
  readonly bindClient: Stores["bindClient"];
}

/** Returns stores whose methods first wait until the stores are open. Then they cost no more than the stores' own. */
export function createLateStores<Columns>(
  opening: StoreOpening,
): Stores<Columns> {
  const late = <Name extends keyof Stores>(name: Name) =>
    createLateMethods<Stores<Columns>[Name]>(opening, name);
  return {
    bindClient: opening.bindClient,
    flowStore: late("flowStore"),
    userStore: late("userStore"),
    sessionStore: late("sessionStore"),
    tokenCacheStore: late("tokenCacheStore"),
    auditStore: late("auditStore"),
    rateLimitStore: late("rateLimitStore"),
    leaseStore: late("leaseStore"),
  };
}

type Method = (...args: readonly unknown[]) => unknown;

function createLateMethods<Methods>(
  { open, current }: StoreOpening,
  store: keyof Stores,
): Methods {
  const methods = new Map<string | symbol, Method>();
  const createMethod = (name: string | symbol): Method => {
    const call = (stores: Stores, args: readonly unknown[]): unknown =>
      Reflect.apply(Reflect.get(stores[store], name), stores[store], args);
    return (...args) => {
      const stores = current();
      return stores === undefined
        ? open().then((opened) => call(opened, args))
        : call(stores, args);
    };
  };
  const find = (_: object, name: string | symbol) => {
    const method = methods.get(name) ?? createMethod(name);
    methods.set(name, method);
    return method;
  };
  return new Proxy({}, { get: find }) as Methods;
}
