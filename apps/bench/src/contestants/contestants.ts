import { bare } from "./bare.js";
import type { Contestant } from "./contestant.js";
import { createEntrada, entradaPackage } from "./entrada.js";
import { peers } from "./peers.js";

/** The built servers of Entrada. */
export interface EntradaFiles {
  readonly server: string;
  /** Another build of the server to compare with. */
  readonly compare: string | undefined;
}

/** Returns all contestants; `bare` is the first. */
export function listContestants({
  server,
  compare,
}: EntradaFiles): readonly Contestant[] {
  const all = [bare, ...peers, createEntrada(server), entradaPackage];
  return compare === undefined
    ? all
    : [
        ...all,
        {
          ...createEntrada(compare),
          name: "compare",
          description: "Another build of Entrada's server",
        },
      ];
}
