/** People who come into an ERP by its doors, as a browser does it. */
import { type Answer, ask, tokenIn } from "./erp-ask.ts";
import { callApi } from "./erp-office.ts";

export const PASSWORD = "a password of the tests";
export const ADMIN = { name: "Ada", email: "ada@office.example", password: PASSWORD };

export type Erp = { url: string; apiKey: string; setUpUrl: () => string | null };

type Headers = Record<string, string>;
type Given = { email?: string; password?: string; next?: string };

export function signIn(erp: Pick<Erp, "url">, given: Given = {}, headers: Headers = {}): Promise<Answer> {
  const form = { email: ADMIN.email, password: PASSWORD, ...given };
  return ask(`${erp.url}/sign-in`, { method: "POST", headers, form });
}

/** Makes the first admin by the link of the start. */
export const setUp = (erp: Erp, admin: Headers = ADMIN): Promise<Answer> =>
  ask(erp.setUpUrl() ?? "", { method: "POST", form: admin });

export const join = (url: string, password = PASSWORD): Promise<Answer> =>
  ask(url, { method: "POST", form: { password } });

/** A user who cannot sign in yet. */
export async function addUser(erp: Erp, user: object = {}): Promise<number> {
  const body = { name: "Bo", email: "bo@office.example", role: "viewer", ...user };
  const added = await callApi(erp, "/users", { method: "POST", body });
  return (added.body as { id: number }).id;
}

/** The link under which a user chooses a password. */
export async function invite(erp: Erp, id: number): Promise<string> {
  const { body } = await callApi(erp, `/users/${String(id)}/invite`, { method: "POST" });
  return (body as { url: string }).url;
}

/** Somebody at work: reads pages, and sends their forms. */
export function atWork(erp: Pick<Erp, "url">, { cookie }: Pick<Answer, "cookie">) {
  const get = (path: string) => ask(erp.url + path, { headers: { cookie } });
  return {
    get,
    isIn: async () => (await get("/account")).status === 200,
    async send(path: string, fields: Headers = {}) {
      const token = tokenIn((await get("/account")).text);
      return ask(erp.url + path, { method: "POST", headers: { cookie }, form: { token, ...fields } });
    },
  };
}
