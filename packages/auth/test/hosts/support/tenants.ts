import { builtInTenants } from "@entrada/entra-emulator";

/** An organisation whose member Grace is, and Ada is not. */
export const fabrikamId = builtInTenants.fabrikam.tenantId;
