/**
 * Leaves the texts of errors out of the mutation score: a message is prose for people and may change, so no test pins its
 * words. Only a plain literal in the place of a message is left out. The code of an error is mutated, and so is a
 * message that is put together from parts, because what it names is a promise.
 */
const messagePlaces = new Map([
  ["AuthError", 1],
  ["invalid", 0],
  ["refuse", 0],
  ["unavailable", 0],
]);

/** What Stryker loads. */
export const strykerPlugins = [
  {
    kind: "Ignore",
    name: "error-messages",
    value: {
      shouldIgnore: (path) =>
        isMessage(path)
          ? "The words of an error are free to change."
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
