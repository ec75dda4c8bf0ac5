import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { DockerfileParser } from "dockerfile-ast";
import type { Dockerfile, Instruction } from "dockerfile-ast";
import { parse as parseYaml, parseAllDocuments } from "yaml";
import * as z from "zod";

/** The properties of the image that the Dockerfile builds. */
export interface Image {
  readonly user: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The source of each copied file, by its target. */
  readonly copies: ReadonlyMap<string, string>;
  /** The arguments of `node`. */
  readonly command: readonly string[];
  readonly healthCheck: readonly string[];
}

const root = new URL("../../../../", import.meta.url);
const words = z.array(z.string());

/** Reads a file of the repository. */
export function readRepositoryFile(path: string): string {
  return readFileSync(fileURLToPath(new URL(path, root)), "utf8");
}

/** Parses the Dockerfile of the server. */
export function readDockerfile(): Dockerfile {
  return DockerfileParser.parse(readRepositoryFile("apps/server/Dockerfile"));
}

/** Reads the last stage of the Dockerfile. */
export function readImage(dockerfile: Dockerfile): Image {
  const all = dockerfile.getInstructions();
  const start = all.findLastIndex((each) => each.getKeyword() === "FROM");
  const stage = all.slice(start);
  const only = (keyword: string) =>
    stage.filter((each) => each.getKeyword() === keyword);
  const check = readText(only("HEALTHCHECK"));
  return {
    user: readText(only("USER")),
    environment: Object.fromEntries(
      only("ENV").flatMap((each) =>
        each
          .getArguments()
          .map((argument) => splitAt(argument.getValue(), "=")),
      ),
    ),
    copies: new Map(
      only("COPY").map((each) => {
        const [source = "", target = ""] = each
          .getArguments()
          .map((argument) => argument.getValue());
        return [target, source];
      }),
    ),
    command: words.parse(JSON.parse(readText(only("CMD")))),
    healthCheck: words.parse(JSON.parse(check.slice(check.indexOf("[")))),
  };
}

function readText(instructions: readonly Instruction[]): string {
  return instructions.at(-1)?.getArgumentsContent() ?? "";
}

function splitAt(text: string, separator: string): [string, string] {
  const index = text.indexOf(separator);
  return [text.slice(0, index), text.slice(index + separator.length)];
}

const service = z.object({
  image: z.string(),
  environment: z.record(z.string(), z.string()).default({}),
  volumes: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  networks: z.union([
    z.array(z.string()),
    z.record(z.string(), z.object({ ipv4_address: z.string() })),
  ]),
  build: z.object({ context: z.string(), dockerfile: z.string() }).optional(),
  read_only: z.boolean().optional(),
});
const composition = z.object({
  services: z.object({
    proxy: service,
    "server-1": service,
    "server-2": service,
    postgres: service,
  }),
});

/** Parses the compose file, and requires the members that the server needs. */
export function readComposition(): z.infer<typeof composition> {
  const text = readRepositoryFile("apps/server/compose.yaml");
  return composition.parse(parseYaml(text, { merge: true }));
}

const probe = z.object({
  httpGet: z.object({ path: z.string(), port: z.string() }),
});
const pod = z.object({
  terminationGracePeriodSeconds: z.number(),
  securityContext: z.object({
    runAsUser: z.number(),
    runAsNonRoot: z.boolean(),
  }),
  containers: z.tuple([
    z.object({
      ports: z.tuple([
        z.object({ name: z.string(), containerPort: z.number() }),
      ]),
      env: z.array(z.object({ name: z.string(), value: z.string() })),
      volumeMounts: z.tuple([
        z.object({ name: z.string(), mountPath: z.string() }),
      ]),
      livenessProbe: probe,
      readinessProbe: probe,
    }),
  ]),
  volumes: z.tuple([
    z.object({
      name: z.string(),
      projected: z.object({
        sources: z.tuple([
          z.object({
            serviceAccountToken: z.object({
              path: z.string(),
              audience: z.string(),
            }),
          }),
        ]),
      }),
    }),
  ]),
});
const deployment = z.object({
  kind: z.literal("Deployment"),
  spec: z.object({ template: z.object({ spec: pod }) }),
});

/** Parses the Kubernetes manifest and returns the pod of the deployment. */
export function readPod(): z.infer<typeof pod> {
  const text = readRepositoryFile("apps/server/kubernetes.yaml");
  const resources = parseAllDocuments(text).map((document): unknown =>
    document.toJS(),
  );
  const found = resources
    .map((resource) => deployment.safeParse(resource).data)
    .find((each) => each !== undefined);
  return deployment.parse(found).spec.template.spec;
}
