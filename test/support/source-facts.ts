import { isBuiltin } from "node:module";
import { posix } from "node:path";
import { parseSync, Visitor } from "oxc-parser";

export type Source = { path: string; text: string };
type Facts = { imports: string[]; uses: Set<string>; names: Set<string> };

/** What a file imports, uses and names; `undefined` when the text is no TypeScript. */
export function readFacts({ path, text }: Source): Facts | undefined {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) return undefined;
  const facts: Facts = { imports: [], uses: new Set(), names: new Set() };
  const keys = new Set<unknown>();
  const imported = (source: { type: string; value?: unknown } | null) => {
    if (source)
      facts.imports.push(typeof source.value === "string" ? targetOf(source.value, path) : "something computed");
  };
  new Visitor({
    ImportDeclaration: ({ source }) => imported(source),
    ExportAllDeclaration: ({ source }) => imported(source),
    ExportNamedDeclaration: ({ source }) => imported(source),
    ImportExpression: ({ source }) => imported(source),
    TSImportType: ({ source }) => imported(source),
    TSImportEqualsDeclaration: () => facts.uses.add("require"),
    MemberExpression({ object, property, computed }) {
      if (!computed) keys.add(property);
      const name =
        property.type === "Identifier" && !computed ? property.name : property.type === "Literal" && property.value;
      if (object.type !== "Identifier" || typeof name !== "string") return;
      keys.add(object);
      facts.uses.add(`${object.name}.${name}`);
    },
    Property({ key, computed }) {
      if (!computed) keys.add(key);
    },
    NewExpression({ callee, arguments: given }) {
      if (callee.type === "Identifier" && given.length === 0) facts.uses.add(`new ${callee.name}`);
    },
    Identifier(node) {
      facts.names.add(node.name);
      if (!keys.has(node)) facts.uses.add(node.name);
    },
  }).visit(program);
  return facts;
}

/** A path from the root, a library's name, or `node:…`. */
function targetOf(specifier: string, importer: string): string {
  if (specifier.startsWith(".")) return posix.join(posix.dirname(importer), specifier);
  if (isBuiltin(specifier)) return specifier.startsWith("node:") ? specifier : `node:${specifier}`;
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}
