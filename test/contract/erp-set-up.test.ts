import { describe, expect, test } from "vitest";
import { ask } from "../support/erp-ask.ts";
import { ADMIN, addUser, atWork, invite, join, setUp, signIn } from "../support/erp-doors.ts";
import { countRows, openErp } from "../support/erp-system.ts";

const AT_ONCE = 20;

describe("the set-up link", () => {
  test("makes one admin, who is in, and is used up then", async () => {
    await using erp = await openErp();
    const link = erp.setUpUrl() ?? "";
    expect((await ask(link)).status).toBe(200);
    const entered = await setUp(erp);
    expect([entered.status, entered.location]).toEqual([303, "/"]);
    expect((await atWork(erp, entered).get("/users")).status).toBe(200);
    expect([(await ask(link)).status, (await join(link)).status, erp.setUpUrl()]).toEqual([404, 404, null]);
    await erp.restart();
    expect([(await ask(erp.url + new URL(link).pathname)).status, erp.setUpUrl()]).toEqual([404, null]);
  });

  test("makes one admin also when many send it at the same instant", async () => {
    await using erp = await openErp();
    const link = erp.setUpUrl() ?? "";
    const forms = Array.from({ length: AT_ONCE }, (_, at) => ({
      ...ADMIN,
      email: `admin-${String(at)}@office.example`,
    }));
    const answers = await Promise.all(forms.map((form) => ask(link, { method: "POST", form })));
    const first = answers.filter(({ status }) => status === 303);
    expect([first.length, answers.filter(({ status }) => status === 404).length]).toEqual([1, AT_ONCE - 1]);
    expect([countRows(erp.file, "users"), countRows(erp.file, "sessions")]).toEqual([1, 1]);
  });

  test("is another one after a restart, as long as nobody has used it", async () => {
    await using erp = await openErp();
    const old = erp.setUpUrl() ?? "";
    await erp.restart();
    const { pathname } = new URL(erp.setUpUrl() ?? "");
    expect(pathname).toMatch(/^\/set-up\/[\w-]{43}$/);
    expect(pathname).not.toBe(new URL(old).pathname);
    expect((await ask(erp.url + new URL(old).pathname)).status).toBe(404);
    expect((await setUp(erp)).status).toBe(303);
  });

  test.for<[what: string, form: Record<string, string>]>([
    ["a short password", { ...ADMIN, password: "too short" }],
    ["no e-mail", { ...ADMIN, email: "ada" }],
    ["no name", { ...ADMIN, name: " " }],
  ])("comes back with %s, and stays good", async ([, form]) => {
    await using erp = await openErp();
    const refused = await setUp(erp, form);
    expect([refused.status, refused.cookie]).toEqual([422, ""]);
    if (form["password"] !== undefined) expect(refused.text).not.toContain(`value="${form["password"]}"`);
    expect((await setUp(erp)).status).toBe(303);
  });

  test("closes the ways into the account of a user with that e-mail: the password, the invitation, the sessions", async () => {
    await using erp = await openErp();
    const id = await addUser(erp, { email: ADMIN.email });
    const before = atWork(erp, await join(await invite(erp, id), "a viewer's password"));
    const invitation = await invite(erp, id);
    const entered = await setUp(erp);
    expect([(await ask(invitation)).status, (await join(invitation, "another password")).status]).toEqual([404, 404]);
    expect([await before.isIn(), await atWork(erp, entered).isIn()]).toEqual([false, true]);
    expect((await signIn(erp, { password: "a viewer's password" })).status).toBe(401);
    expect((await signIn(erp)).status).toBe(303);
    expect(countRows(erp.file, "users")).toBe(1);
  });
});
