import type { HttpOptions } from "./http.ts";

/** For a server behind a proxy of ours, which may hand on the name that it was called by, or put ours in its place. */
export function publicEdge(publicUrl: string | undefined): Pick<HttpOptions, "publicHosts" | "isHttps"> {
  if (publicUrl === undefined) return {};
  const { hostname, protocol } = new URL(publicUrl);
  return { publicHosts: [hostname], isHttps: protocol === "https:" };
}
