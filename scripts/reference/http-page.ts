import { BOT_API } from "../../bot/http-api.ts";
import { DEVICE_DB_API } from "../../device-db/http-api.ts";
import { DEVICE_SIM_API } from "../../device-sim/http-api.ts";
import { type Address, type AddressGroup, HEALTH_API } from "../../plumbing/http-api.ts";
import { fieldsOf, type Schema } from "../../plumbing/schema-fields.ts";
import { typeOf } from "./fields.ts";
import { code, GENERATED, page, table } from "./markdown.ts";

/** As much of the ERP's OpenAPI document as is told here. */
export type OpenApi = {
  tags: { name: string; description: string }[];
  "x-tagGroups": { name: string; tags: string[] }[];
  paths: Record<string, Record<string, { tags: readonly string[] }>>;
};

const HEAD = `All services listen on 127.0.0.1, at the ports of the [settings](settings.md). Errors are RFC 9457 problems
(\`application/problem+json\`), but where Direct Line or Katlai's documentation has another shape. A key is sent as
\`Authorization: Bearer <key>\` and stands in \`secrets.json\` of the data folder.`;

const DEVICE_DB = `Reading needs no key on this machine. What writes needs the \`operatorKey\`, or is sent by a page of the console. With a
\`PUBLIC_URL\`, or through a proxy, reading needs the key or a sign-in too.`;

const DEVICE_SIM =
  "Reading needs no key on this machine. What lays hands on a pod needs the `operatorKey`, or is sent by the pod's page.";

const ERP = `The ERP's own page \`/docs\`, at \`http://127.0.0.1:8000/docs\` unless set, has every address with its parameters, bodies and
examples, and \`/openapi.json\` is the same as an OpenAPI 3.1 document. Here is what there is. The pages for people stand at the
same names without \`/api\`; [katlai.md](../katlai.md) says who may use what.`;

/** `docs/reference/http.md`; of the ERP it tells what the document of a running one says. */
export function httpPage(erp: OpenApi): string {
  return page([
    "# HTTP",
    GENERATED,
    HEAD,
    ...group(HEALTH_API, "##"),
    ...service("Bot", "", BOT_API),
    ...service("Device database", DEVICE_DB, DEVICE_DB_API),
    ...service("Simulated pods", DEVICE_SIM, DEVICE_SIM_API),
    "## ERP",
    ERP,
    ...erp["x-tagGroups"].flatMap(({ name, tags }) => [
      `### ${name}`,
      table(
        ["", "what it is", "addresses"],
        tags.map((tag) => tagRow(erp, tag)),
      ),
    ]),
  ]);
}

function service(title: string, about: string, api: readonly AddressGroup[]): string[] {
  return [`## ${title}`, about, ...api.flatMap((one) => group(one, "###"))];
}

function group({ title, about, addresses }: AddressGroup, level: string): string[] {
  const all = Object.entries(addresses);
  const fields = all.flatMap(([name, address]) => fieldRows(name, address));
  return [
    `${level} ${title}`,
    about,
    table(
      ["address", "what it does"],
      all.map(([name, address]) => [code(written(name)), address.about]),
    ),
    fields.length === 0 ? "" : `What is sent:\n\n${table(["to", "field", "type", "meaning"], fields)}`,
  ];
}

/** The address stands in the first row of its fields only. */
function fieldRows(name: string, { query, body }: Address): string[][] {
  const sent = [
    ...(query ? fieldsIn(query).map((field) => [code(`?${field.name}=`), typeOf(field), field.about]) : []),
    ...(body ? fieldsIn(body).map((field) => [code(field.name), typeOf(field), field.about]) : []),
  ];
  return sent.map((row, at) => [at === 0 ? code(written(name)) : "", ...row]);
}

function fieldsIn(schema: NonNullable<Address["body"]>) {
  return fieldsOf(schema.toJSONSchema({ io: "input" }) as Schema);
}

/** `/r/:link` is `/r/<link>` to people. */
function written(name: string): string {
  return name.replaceAll(/:(\w+)/g, "<$1>");
}

function tagRow({ tags, paths }: OpenApi, wanted: string): string[] {
  const { description = "" } = tags.find(({ name }) => name === wanted) ?? {};
  const sorted = Object.entries(paths).toSorted(([one], [other]) => one.localeCompare(other, "en"));
  const addresses = sorted.flatMap(([path, operations]) => {
    const methods = Object.keys(operations).filter((method) => operations[method]?.tags.includes(wanted));
    return methods.length === 0 ? [] : [code(`${methods.join(", ").toUpperCase()} ${path}`)];
  });
  return [wanted, (description.split("\n\n")[0] ?? "").replaceAll("\n", " "), addresses.join("<br>")];
}
