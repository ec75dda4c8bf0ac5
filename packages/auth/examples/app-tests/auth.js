import { createAuthFromEnvironment } from "@entrada/auth/environment";

export const auth = createAuthFromEnvironment({ sameSite: "lax" });
