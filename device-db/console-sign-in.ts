import { type Html, html } from "../plumbing/html.ts";
import type { Route } from "../plumbing/http.ts";
import { HttpError, page, type Reply, seeOther } from "../plumbing/http-reply.ts";
import { ownPath } from "../plumbing/own-path.ts";
import type { ConsoleAssets } from "./console-assets.ts";
import { noticeBox, plainPage } from "./console-layout.ts";
import type { Guard } from "./guard.ts";

type Deps = { guard: Guard; assets: ConsoleAssets };

const WRONG_KEY = "That is not the operator's key.";
const OTHER_SITE = "This form was sent from another site.";

/** Where the console needs a sign-in, here it is. */
export function signInRoutes({ guard, assets }: Deps): Route[] {
  const show = (next: string, refusal?: HttpError): Reply => {
    const { status, headers, message } = refusal ?? { status: 200, headers: {}, message: undefined };
    return page(signInPage(assets, next, message), status, headers);
  };

  return [
    {
      method: "GET",
      path: "/sign-in",
      handle: (request) => {
        const next = safeNext(request.query.get("next"));
        return guard.mayLook(request) ? seeOther(next) : show(next);
      },
    },
    {
      method: "POST",
      path: "/sign-in",
      async handle(request) {
        const form = await request.form();
        const next = safeNext(form.get("next"));
        if (!guard.comesFromOwnPage(request)) return show(next, new HttpError(403, OTHER_SITE));
        try {
          const cookie = guard.signIn(request, form.get("key") ?? "");
          return cookie ? seeOther(next, cookie) : show(next, new HttpError(401, WRONG_KEY));
        } catch (error) {
          if (error instanceof HttpError) return show(next, error);
          throw error;
        }
      },
    },
    {
      method: "POST",
      path: "/sign-out",
      async handle(request) {
        guard.requireOperator(request, (await request.form()).get("token") ?? "");
        return seeOther("/sign-in", guard.signOut(request));
      },
    },
  ];
}

export function toSignIn(next: string): Reply {
  return seeOther(next === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(next)}`);
}

export function safeNext(next: string | null): string {
  return ownPath(next, /^\/sign-/);
}

function signInPage(assets: ConsoleAssets, next: string, message: string | undefined): Html {
  return plainPage(
    assets,
    "Sign in",
    html`<form class="card sign-in" method="post" action="/sign-in">
<p class="brand">AromaPod<span> Console</span></p>
<h1>Sign in</h1>
${message !== undefined && noticeBox({ tone: "bad", text: message })}
<input type="hidden" name="next" value="${next}">
<label for="key">Operator’s key</label>
<input id="key" name="key" type="password" autocomplete="current-password" required autofocus spellcheck="false" aria-describedby="where">
<p id="where" class="soft">It stands as <code>operatorKey</code> in <code>secrets.json</code> in the data folder of this kit (<code>DATA_DIR</code>, <code>.data</code> unless set).</p>
<button class="strong">Sign in</button>
<p class="soft">You stay signed in for eight hours.</p>
</form>`,
  );
}
