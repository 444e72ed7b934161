/** Of users: the invitation that an admin makes for somebody, and the own password. */
import { html } from "../plumbing/html.ts";
import { HttpError, json, page, seeOther } from "../plumbing/http-reply.ts";
import type { Access, Asked, ErpRoute } from "./access.ts";
import { FieldsError, parseFields } from "./field-errors.ts";
import { answerForm, type Returned } from "./form-answer.ts";
import type { FrameFor } from "./frame.ts";
import type { Invitations } from "./invitations.ts";
import { passwordSchema } from "./operations-contract.ts";
import type { Operations } from "./operations-store.ts";
import { originOf } from "./origin.ts";
import { passwordRow } from "./page-entrance.ts";
import { erpPage, tokenField } from "./page-layout.ts";
import { idIn } from "./resource-routes.ts";
import type { Row } from "./resource-store.ts";
import type { Sessions } from "./sessions.ts";
import type { SignIn } from "./sign-in.ts";

type Deps = {
  sessions: Sessions;
  signIn: SignIn;
  invitations: Invitations;
  operations: Operations;
  frameFor: FrameFor;
};

const SELF: Access = { subject: "self", action: "write", by: "page" };

export function accountRoutes(deps: Deps): ErpRoute[] {
  const { sessions, signIn, invitations } = deps;
  return [
    { method: "GET", path: "/account", access: SELF, handle: (asked) => page(accountPage(asked, deps)) },
    {
      method: "POST",
      path: "/account",
      access: SELF,
      handle: (asked) => {
        const { request, form } = asked;
        const act = async () => {
          const user = sessions.find(request);
          if (!user) throw new HttpError(403, "Sign in again, then repeat what you wanted.");
          const { password } = parseFields(passwordSchema, { password: form.get("password") || undefined });
          const id = await signIn(request, { email: user.email, password: form.get("current") ?? "" });
          if (id === undefined) throw new FieldsError({ current: ["This is not your present password."] });
          await invitations.choosePassword(user, password);
          return seeOther("/account?done=password", await sessions.begin(request, user.id));
        };
        return answerForm({ form, act, show: (returned) => accountPage(asked, deps, returned) });
      },
    },
    ...invitationRoutes(deps),
  ];
}

function accountPage(asked: Asked, { sessions, frameFor }: Deps, { typed, notice }: Returned = {}) {
  const frame = frameFor(asked, notice);
  const errors = typed?.errors ?? {};
  const [problem] = errors["current"] ?? [];
  const content = html`<form class="card fields" method="post" action="/account">${tokenField(frame)}
<h2>Change your password</h2>
<div class="field"><label for="current">Present password</label><input id="current" name="current" type="password" autocomplete="current-password" required${problem !== undefined && html` aria-invalid="true" aria-describedby="current-error"`}>${problem !== undefined && html`<p class="problem" id="current-error">${problem}</p>`}</div>
${passwordRow({ label: "New password", isNew: true }, errors["password"]?.[0])}
<p class="buttons"><button class="strong">Set the new password</button></p></form>`;
  const lead = `${sessions.find(asked.request)?.email ?? ""}, ${asked.who.role}`;
  return erpPage(frame, { title: asked.who.name, place: "/account", lead, content });
}

function invitationRoutes({ invitations, operations, frameFor }: Deps): ErpRoute[] {
  const invite = async ({ request, who }: Pick<Asked, "request" | "who">) => {
    const user = operations.resources.find("users", idIn(request, "users"), null);
    if (!user) throw new HttpError(404, "There is no such user.");
    return { user, url: await inviteUser({ invitations }, { request, who }, user.id) };
  };
  return [
    {
      method: "POST",
      path: "/api/users/:id/invite",
      access: { subject: "users", action: "write", by: "key" },
      handle: async (asked) => json({ url: (await invite(asked)).url }),
    },
    {
      method: "POST",
      path: "/users/:id/invite",
      access: { subject: "users", action: "write", by: "page" },
      handle: async (asked) => {
        const { user, url } = await invite(asked);
        return page(invitationPage({ asked, frameFor }, user, url));
      },
    },
  ];
}

type Shown = { asked: Asked; frameFor: FrameFor };

/** The link is shown this once only: of it nothing but a hash is kept. */
export function invitationPage({ asked, frameFor }: Shown, user: Row, url: string) {
  const content = html`<section class="card"><h2>Give ${String(user["name"])} this link</h2><pre class="secret" tabindex="0">${url}</pre>
<p class="soft">Under it they choose their password. It is good once, for seven days, and is not shown again.</p>
<p><a class="button" href="/users">To the users</a></p></section>`;
  return erpPage(frameFor(asked), { title: "Invitation", place: "/users", content });
}

/** Beside a user's form: the way to a password. */
export function inviteBox({ asked, frameFor }: Shown, { id, has_password }: Row) {
  const text =
    has_password === 1 ? "They have a password. A new link lets them choose another." : "They cannot sign in yet.";
  return html`<form class="card" method="post" action="/users/${id}/invite">${tokenField(frameFor(asked))}<h2>Invitation</h2><p class="soft">${text}</p><p class="buttons"><button>Make a link</button></p></form>`;
}

/** The whole link of a new invitation. */
export async function inviteUser(
  { invitations }: Pick<Deps, "invitations">,
  { request, who }: Pick<Asked, "request" | "who">,
  userId: number,
): Promise<string> {
  return originOf(request) + (await invitations.invite(userId, who.name));
}
