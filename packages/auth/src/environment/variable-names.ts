type Environment = Readonly<Record<string, string | undefined>>;

const ownPrefix = "ENTRA_";
/** Not read here, but by the emulator and by the script that starts it in development. */
const emulatorPort = "ENTRA_EMULATOR_PORT";

/**
 * The variables that Kubernetes sets for every service of the namespace, here for a service whose name begins with
 * `entra`: its address and its ports, by name and in the format of Docker links.
 */
const serviceVariable =
  /^ENTRA_(?:[A-Z0-9_]+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9_]+)?|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)$/;

/** The variables that restrict who may sign in, with their remedies. Without them, every organisation may sign in. */
const restrictions: Readonly<Record<string, string>> = {
  ENTRA_TENANT: "your tenant ID",
  ENTRA_ALLOWED_TENANTS: "the tenant IDs that may sign in",
};

/**
 * Finds `ENTRA_*` variables that would silently have no effect: unknown names, and restrictions that are set but empty,
 * as in a compose file whose own variable is not set.
 *
 * @param names The variables that are read now. Only these must not be empty.
 * @param knownNames Every variable that can be read.
 */
export function findNameMistakes(
  environment: Environment,
  names: readonly string[],
  knownNames: readonly string[],
): readonly string[] {
  return [
    ...findEmptyRestrictions(environment, names),
    ...findUnknownNames(environment, knownNames),
  ];
}

function findEmptyRestrictions(
  environment: Environment,
  names: readonly string[],
): readonly string[] {
  return Object.entries(restrictions)
    .filter(
      ([name]) => names.includes(name) && environment[name]?.trim() === "",
    )
    .map(
      ([name, remedy]) =>
        `${name} is empty, which would let every organisation sign in: set it to ${remedy}, or unset it`,
    );
}

function findUnknownNames(
  environment: Environment,
  knownNames: readonly string[],
): readonly string[] {
  const ownNames = knownNames.filter((name) => name.startsWith(ownPrefix));
  return Object.keys(environment)
    .filter(
      (name) =>
        name.startsWith(ownPrefix) &&
        name !== emulatorPort &&
        !serviceVariable.test(name) &&
        environment[name] !== undefined &&
        !ownNames.includes(name),
    )
    .map(
      (name) =>
        `${name} is not a known variable: correct it to one of ${ownNames.join(", ")}, or unset it`,
    );
}
