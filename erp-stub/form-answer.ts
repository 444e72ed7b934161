import type { Html } from "../plumbing/html.ts";
import { HttpError, page, type Reply, seeOther } from "../plumbing/http-reply.ts";
import { FieldsError } from "./field-errors.ts";
import type { Typed } from "./page-forms.ts";
import type { Notice } from "./page-layout.ts";

/** Why a form comes back: what was wrong at its fields, or a sentence above it. */
export type Returned = { typed?: Typed; notice?: Notice };

type Sent = {
  form: URLSearchParams;
  /** Does it, and says where to go on; or answers itself. */
  act: () => Promise<string | Reply>;
  show: (returned: Returned) => Html;
};

/** What a form leads to: on to where the result is seen, or back to itself with a word on why not and all that was typed. */
export async function answerForm({ form, act, show }: Sent): Promise<Reply> {
  try {
    const done = await act();
    return typeof done === "string" ? seeOther(done) : done;
  } catch (error) {
    if (!(error instanceof HttpError) || error.status === 404) throw error;
    const typed = { values: form, errors: error instanceof FieldsError ? error.errors : {} };
    const notice: Notice = { tone: "bad", text: error instanceof FieldsError ? CORRECT : error.message };
    return page(show({ typed, notice }), error.status, error.headers);
  }
}

const CORRECT = "Nothing was saved yet: please correct what is marked.";
