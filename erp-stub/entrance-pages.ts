/** How people come in: the sign-in, the set-up link of the first start, an admin's invitation. */
import { comesFromOwnPage } from "../plumbing/caller.ts";
import type { Html } from "../plumbing/html.ts";
import { HttpError, page, type Reply, seeOther } from "../plumbing/http-reply.ts";
import type { HttpRequest } from "../plumbing/http-request.ts";
import { ownPath } from "../plumbing/own-path.ts";
import type { Asked, ErpRoute } from "./access.ts";
import { type FieldErrors, FieldsError, parseFields } from "./field-errors.ts";
import type { Invitations } from "./invitations.ts";
import { newAdminSchema, passwordSchema } from "./operations-contract.ts";
import { entrancePage } from "./page-entrance.ts";
import type { Field } from "./resources.ts";
import type { User } from "./session-store.ts";
import type { Sessions } from "./sessions.ts";
import type { SignIn } from "./sign-in.ts";

type Deps = { css: string; sessions: Sessions; signIn: SignIn; invitations: Invitations };

const WRONG = "E-mail or password is wrong.";
const OTHER_SITE = "This form was sent from another site.";
const EMAIL: Field = { name: "email", label: "E-mail", kind: "email" };
const NAME: Field = { name: "name", label: "Your name", kind: "text" };

export function entrancePages(deps: Deps): ErpRoute[] {
  return [...signInRoutes(deps), ...setUpRoutes(deps), ...joinRoutes(deps)];
}

function signInRoutes({ css, sessions, signIn }: Deps): ErpRoute[] {
  const show = (form: URLSearchParams, refusal?: HttpError): Reply => {
    const content = entrancePage(css, {
      title: "Sign in",
      action: "/sign-in",
      fields: [EMAIL],
      values: form,
      message: refusal?.message,
      hidden: { next: safeNext(form.get("next")) },
      password: { label: "Password", isNew: false },
      button: "Sign in",
    });
    return page(content, refusal?.status ?? 200, refusal?.headers);
  };

  return [
    {
      method: "GET",
      path: "/sign-in",
      access: "anyone",
      handle: ({ request }) =>
        sessions.find(request) ? seeOther(safeNext(request.query.get("next"))) : show(request.query),
    },
    {
      method: "POST",
      path: "/sign-in",
      access: "anyone",
      async handle({ request }) {
        const form = await request.form();
        const given = { email: form.get("email") ?? "", password: form.get("password") ?? "" };
        return refusing(show.bind(undefined, form), async () => {
          requireOwnPage(request);
          const id = await signIn(request, given);
          if (id === undefined) throw new HttpError(401, WRONG);
          return seeOther(safeNext(form.get("next")), await sessions.begin(request, id));
        });
      },
    },
    {
      method: "POST",
      path: "/sign-out",
      access: { subject: "self", action: "read", by: "page" },
      handle: async ({ request }) => seeOther("/sign-in", await sessions.end(request)),
    },
  ];
}

function setUpRoutes({ css, sessions, invitations }: Deps): ErpRoute[] {
  const path = "/set-up/:secret";
  const show = ({ request }: Asked, form: URLSearchParams, refusal?: HttpError): Reply =>
    page(setUpPage(css, { secret: secretOf(request), form, refusal }), refusal?.status ?? 200);
  const requireLink = (request: HttpRequest): void => {
    if (!invitations.isSetUpSecret(secretOf(request))) throw new HttpError(404, USED_UP);
  };

  return [
    {
      method: "GET",
      path,
      access: "anyone",
      handle: (asked) => {
        requireLink(asked.request);
        return show(asked, new URLSearchParams());
      },
    },
    {
      method: "POST",
      path,
      access: "anyone",
      async handle(asked) {
        requireLink(asked.request);
        const form = await asked.request.form();
        return refusing(
          (refusal) => show(asked, form, refusal),
          async () => {
            requireOwnPage(asked.request);
            const id = await invitations.setUp(
              parseFields(newAdminSchema, fieldsOf(form, ["name", "email", "password"])),
            );
            if (id === undefined) throw new HttpError(404, USED_UP);
            return seeOther("/", await sessions.begin(asked.request, id));
          },
        );
      },
    },
  ];
}

type SetUp = { secret: string; form: URLSearchParams; refusal: HttpError | undefined };

function setUpPage(css: string, { secret, form, refusal }: SetUp): Html {
  return entrancePage(css, {
    title: "Set up the ERP",
    action: `/set-up/${secret}`,
    lead: "You are the first: choose who the administrator is. This link is good until that is done.",
    fields: [NAME, EMAIL],
    values: form,
    errors: errorsOf(refusal),
    message: messageOf(refusal),
    password: { label: "Password", isNew: true },
    button: "Begin",
  });
}

function joinRoutes({ css, sessions, invitations }: Deps): ErpRoute[] {
  const path = "/join/:secret";
  const show = (user: User, { request }: Asked, refusal?: HttpError): Reply => {
    const content = entrancePage(css, {
      title: `Welcome, ${user.name}`,
      action: `/join/${secretOf(request)}`,
      lead: `Choose your password; you sign in with it and ${user.email}.`,
      fields: [],
      errors: errorsOf(refusal),
      message: messageOf(refusal),
      password: { label: "Password", isNew: true },
      button: "Begin",
    });
    return page(content, refusal?.status ?? 200);
  };
  const userOf = (request: HttpRequest): User => {
    const user = invitations.invited(secretOf(request));
    if (!user) throw new HttpError(404, NO_INVITATION);
    return user;
  };

  return [
    { method: "GET", path, access: "anyone", handle: (asked) => show(userOf(asked.request), asked) },
    {
      method: "POST",
      path,
      access: "anyone",
      async handle(asked) {
        const user = userOf(asked.request);
        const form = await asked.request.form();
        return refusing(
          (refusal) => show(user, asked, refusal),
          async () => {
            requireOwnPage(asked.request);
            const { password } = parseFields(passwordSchema, fieldsOf(form, ["password"]));
            const isAccepted = await invitations.accept(user, {
              secret: asked.request.params["secret"] ?? "",
              password,
            });
            if (!isAccepted) throw new HttpError(404, NO_INVITATION);
            return seeOther("/", await sessions.begin(asked.request, user.id));
          },
        );
      },
    },
  ];
}

const NO_INVITATION = "This invitation is used up or too old: ask your administrator for another.";
const USED_UP = "This set-up link is used up: sign in, or ask your administrator for an invitation.";

/** What is refused comes back as the page that it was asked on. */
async function refusing(show: (refusal: HttpError) => Reply, work: () => Promise<Reply>): Promise<Reply> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof HttpError && error.status !== 404) return show(error);
    throw error;
  }
}

function requireOwnPage(request: HttpRequest): void {
  if (!comesFromOwnPage(request)) throw new HttpError(403, OTHER_SITE);
}

function errorsOf(refusal: HttpError | undefined): FieldErrors {
  return refusal instanceof FieldsError ? refusal.errors : {};
}

function messageOf(refusal: HttpError | undefined): string | undefined {
  return refusal instanceof FieldsError ? undefined : refusal?.message;
}

function secretOf({ params }: HttpRequest): string {
  return encodeURIComponent(params["secret"] ?? "");
}

function fieldsOf(form: URLSearchParams, names: readonly string[]): Record<string, string | undefined> {
  return Object.fromEntries(names.map((name) => [name, form.get(name) || undefined]));
}

function safeNext(next: string | null): string {
  return ownPath(next, /^\/(sign-|set-up|join)/);
}
