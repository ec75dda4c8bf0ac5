/** The headers of a response that is not sent yet. `Headers` has these methods. */
export interface ResponseHeaders {
  set(name: string, value: string): void;
  append(name: string, value: string): void;
  getSetCookie(): readonly string[];
}
