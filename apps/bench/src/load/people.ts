import { personAt } from "../provider/person.js";
import type { Person } from "../provider/person.js";

/** Returns a function that returns one person after the other, and begins again after the last. */
export function createQueue(people: number): () => Person {
  let next = 0;
  return () => {
    const person = personAt(next % people);
    next += 1;
    return person;
  };
}
