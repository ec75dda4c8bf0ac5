/** The registration that every contestant uses. The provider knows no other. */
export const registration = {
  clientId: "5f1a7c52-7e0b-4d43-9a55-0c6a1e3f2b10",
  clientSecret: "bench-client-secret",
  tenantId: "0c5f1b0e-53c4-4b7e-8f3c-6f8f6d4f2f11",
} as const;

/** Returns the URL of the tenant, which is also the prefix of the issuer. */
export function tenantUrlOf(provider: string): string {
  return `${provider}/${registration.tenantId}`;
}
