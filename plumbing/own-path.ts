/** A path of our own, whatever was asked for: nobody is sent to another site, or to a page that `excluded` fits. */
export function ownPath(next: string | null, excluded: RegExp): string {
  const base = "http://own.invalid";
  const url = URL.parse(next ?? "", base);
  const path = url?.origin === base ? url.pathname + url.search : "/";
  return path.startsWith("//") || excluded.test(path) ? "/" : path;
}
