import { createHash } from "node:crypto";

/** A person who can sign in at the provider. */
export interface Person {
  readonly index: number;
  readonly objectId: string;
  readonly subject: string;
  readonly name: string;
  readonly userName: string;
}

/** Returns the person with this number. The same number is always the same person. */
export function personAt(index: number): Person {
  const hex = createHash("sha256").update(`person ${index}`).digest("hex");
  return {
    index,
    objectId: `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`,
    subject: Buffer.from(hex, "hex").toString("base64url"),
    name: `Person ${index}`,
    userName: `person.${index}@contoso.test`,
  };
}
