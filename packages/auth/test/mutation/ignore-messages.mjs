/**
 * Excludes error messages from the mutation score: a message may change, so no test compares its text. Only a plain
 * literal in the place of a message is excluded. The code of an error is mutated, and so is a template message, because
 * its values are part of the contract.
 */
const messagePlaces = new Map([
  ["AuthError", 1],
  ["invalid", 0],
  ["refuse", 0],
  ["unavailable", 0],
]);

/** The plugins that Stryker loads. */
export const strykerPlugins = [
  {
    kind: "Ignore",
    name: "error-messages",
    value: {
      shouldIgnore: (path) =>
        isMessage(path)
          ? "The text of an error message may change."
          : undefined,
    },
  },
];

function isMessage({ node, parent, listKey, key }) {
  if (node.type !== "StringLiteral" || listKey !== "arguments") return false;
  return messagePlaces.get(readName(parent.callee)) === key;
}

function readName(callee) {
  return callee.type === "MemberExpression"
    ? callee.property.name
    : callee.name;
}
