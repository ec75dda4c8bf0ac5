// Runs the emulator of Entra ID with a few hundred people for the parent process.
import { randomUUID } from "node:crypto";
import { builtInTenants, startEntraEmulator } from "@entrada/entra-emulator";

const people = Array.from({ length: 300 }, (_, index) => ({
  upn: `person.${index}@contoso.com`,
  name: `Person ${index}`,
  email: `person.${index}@contoso.com`,
  emailVerified: true,
  home: { tenantId: builtInTenants.contoso.tenantId, objectId: randomUUID() },
}));
const { origin } = await startEntraEmulator({ people });
process.send?.({ origin, people: people.map(({ upn }) => upn) });
// The parent process has ended.
process.on("disconnect", () => process.exit());
