type Environment = Readonly<Record<string, string | undefined>>;

const ownPrefix = "ENTRA_";
/** Somebody else's with our prefix: the emulator reads it, and the script that starts it in development. */
const emulatorPort = "ENTRA_EMULATOR_PORT";

/**
 * What Kubernetes sets for every service of the namespace, here for one whose name begins with `entra-`: its address, and
 * its ports by name and in the older form of Docker links.
 */
const serviceVariable =
  /^ENTRA_(?:[A-Z0-9_]+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9_]+)?|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)$/;

/** What restricts who may sign in, and what to set it to. Without them every organisation in the world may. */
const restrictions: Readonly<Record<string, string>> = {
  ENTRA_TENANT: "your tenant ID",
  ENTRA_ALLOWED_TENANTS: "the tenant IDs that may sign in",
};

/**
 * Finds variables that somebody meant to restrict the sign-in by, and that would not: one that is there and empty, as of a
 * compose file whose own variable is not set, and one whose name is misspelt.
 */
export function findNameMistakes(
  environment: Environment,
  knownNames: readonly string[],
): readonly string[] {
  return [
    ...findEmptyRestrictions(environment),
    ...findUnknownNames(environment, knownNames),
  ];
}

function findEmptyRestrictions(environment: Environment): readonly string[] {
  return Object.entries(restrictions)
    .filter(([name]) => environment[name]?.trim() === "")
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
        `${name} is no variable of this server: correct it to one of ${ownNames.join(", ")}, or unset it`,
    );
}
