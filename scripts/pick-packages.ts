import { z } from "zod";
import { bundledPackages, installedPackages } from "./licence-page.ts";
import { packageFacts } from "./package-facts.ts";

const component = z.looseObject({
  "bom-ref": z.string(),
  name: z.string(),
  version: z.string(),
  properties: z.array(z.looseObject({ name: z.string() })).optional(),
});
const cycloneDx = z.looseObject({
  metadata: z.looseObject({ component }),
  components: z.array(component),
  dependencies: z.array(z.looseObject({ ref: z.string(), dependsOn: z.array(z.string()) })),
});

/** npm's CycloneDX document of everything in package-lock.json, cut to what comes with the package. Throws where one of these is not in it. */
export function pickPackages(document: unknown): z.infer<typeof cycloneDx> {
  const whole = cycloneDx.parse(document);
  const own = { ...whole.metadata.component, name: packageFacts.name };
  const required = new Set(bundledPackages().map(({ name, version }) => `${name}@${version}`));
  const optional = new Set(installedPackages().map(({ name, version }) => `${name}@${version}`));
  const components = new Map<string, z.infer<typeof component>>();
  for (const { properties = [], ...each } of whole.components) {
    const name = `${each.name}@${each.version}`;
    if (!required.has(name) && !optional.has(name)) continue;
    const told = properties.filter((property) => property.name !== "cdx:npm:package:development");
    const scope = required.has(name) ? "required" : "optional";
    components.set(name, { ...each, scope, properties: told });
  }
  const missing = [...required, ...optional].filter((name) => !components.has(name));
  if (missing.length > 0) throw new Error(`npm's list has no ${missing.join(", ")}`);
  const refs = new Set([...components.values()].map((each) => each["bom-ref"]));
  const ownRef = own["bom-ref"];
  const between = whole.dependencies
    .filter(({ ref }) => refs.has(ref))
    .map((each) => ({ ...each, dependsOn: each.dependsOn.filter((ref) => refs.has(ref)) }));
  return {
    ...whole,
    metadata: { ...whole.metadata, component: own },
    components: [...components.values()],
    dependencies: [{ ref: ownRef, dependsOn: [...refs] }, ...between],
  };
}
