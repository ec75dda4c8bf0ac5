// Next's `package.json` has no `exports`, so that TypeScript does not find these modules as an ES module does. Next's
// bundlers do: they replace the names by the modules of the server.
declare module "next/headers" {
  export function headers(): Promise<Headers>;
}

declare module "next/navigation" {
  export function redirect(url: string): never;
}
