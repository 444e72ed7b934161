/** The interface for programs, for those who write them: as an OpenAPI document, and as a page to read. */
import { json, page, type Reply } from "../plumbing/http-reply.ts";
import type { ErpRoute } from "./access.ts";
import type { ApiRoute } from "./openapi-parts.ts";
import { originOf } from "./origin.ts";

type Deps = {
  css: string;
  /** All routes of this ERP. */
  routes: () => readonly ApiRoute[];
};

export function docsRoutes(deps: Deps): ErpRoute[] {
  const docs = createDocs(deps);
  return [
    { method: "GET", path: "/openapi.json", access: "anyone", handle: docs.document },
    { method: "GET", path: "/docs", access: "anyone", handle: ({ request }) => docs.page(originOf(request)) },
  ];
}

/** Made when somebody asks first, and loaded no earlier: a start should not pay for it. */
function createDocs({ css, routes }: Deps) {
  let made: ReturnType<typeof make> | undefined;
  const document = async () => (await (made ??= make(routes()))).document;
  let shown: { origin: string; reply: Promise<Reply> } | undefined;

  async function make(all: readonly ApiRoute[]) {
    const { openApiDocument } = await import("./openapi.ts");
    const openApi = openApiDocument(all);
    return { openApi, document: json(openApi) };
  }

  async function makePage(origin: string): Promise<Reply> {
    const { docsPage } = await import("./page-docs.ts");
    const { openApi } = await (made ??= make(routes()));
    return page(docsPage(openApi, { css, origin }));
  }

  return {
    document,
    /** The last one is kept: nearly everybody comes by the same address. */
    page(origin: string): Promise<Reply> {
      if (shown?.origin !== origin) shown = { origin, reply: makePage(origin) };
      return shown.reply;
    },
  };
}
