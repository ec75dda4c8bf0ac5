import type {
  Contestant,
  RequestOfSession,
} from "../contestants/contestant.js";
import type { Person } from "../provider/person.js";
import { createBrowser } from "./browser.js";
import type { HttpClient } from "./http-client.js";

/** A person who has signed in. */
export interface Visit {
  readonly person: Person;
  /** The `Cookie` header of their browser. */
  readonly cookie: string;
}

/** Signs a person in with a new browser. @throws {Error} if any response is not the expected one. */
export async function signIn(
  client: HttpClient,
  contestant: Contestant,
  person: Person,
): Promise<Visit> {
  const browser = createBrowser(client);
  await contestant.signIn(browser, person);
  return { person, cookie: browser.cookie() };
}

/** Sends a request of a signed-in user. @throws {Error} unless the status is 200 and the body names that user. */
export async function requestAs(
  client: HttpClient,
  { request, expected }: RequestOfSession,
  { person, cookie }: Visit,
): Promise<void> {
  const { status, text } = await client.send({
    ...request,
    headers: { ...request.headers, cookie },
  });
  if (status !== 200 || !text.includes(expected(person)))
    throw new Error(
      `${request.path} of ${person.name} responded with ${status}: ${text.slice(0, 300)}`,
    );
}
