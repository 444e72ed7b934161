import { describe, expect, test } from "vitest";
import { type Action, mayDo, type Principal, type Subject, scopeOf } from "../../erp-stub/permissions.ts";
import { type Member, type Role, type Rows, RULES, rowsFor } from "../support/erp-rules.ts";

const ROLES: readonly Role[] = ["viewer", "manager", "admin"];
const ACTIONS: readonly Action[] = ["read", "write"];
const CLIENT = 7;
const SUBJECTS = Object.keys(RULES) as Subject[];
const MEMBERS: readonly Member[] = ROLES.flatMap((role) => [false, true].map((isBound) => ({ role, isBound })));
const EACH = SUBJECTS.flatMap((subject) =>
  ACTIONS.flatMap((action) => MEMBERS.map((member) => ({ subject, action, ...member }))),
);

const principal = ({ role, isBound }: Member): Principal => ({ name: "x", role, clientId: isBound ? CLIENT : null });

/** What the permissions come to. */
function rowsOf(member: Member, subject: Subject, action: Action): Rows {
  const who = principal(member);
  if (!mayDo(who, subject, action)) return "none";
  return scopeOf(who, subject, action) === null ? "all" : "own";
}

describe("each subject", () => {
  test.for(SUBJECTS)("%s is for those whom the rules say", (subject) => {
    for (const action of ACTIONS) {
      const told = MEMBERS.map((member) => [action, member, rowsOf(member, subject, action)]);
      expect(told).toEqual(MEMBERS.map((member) => [action, member, rowsFor(member, subject, action)]));
    }
  });
});

test("a higher role may do all that a lower one may", () => {
  for (const { subject, action, role, isBound } of EACH) {
    const higher = ROLES.slice(ROLES.indexOf(role));
    const mayOf = (one: Role) => mayDo(principal({ role: one, isBound }), subject, action);
    if (mayOf(role)) expect([subject, action, higher.map(mayOf)]).toEqual([subject, action, higher.map(() => true)]);
  }
});

test("whoever is bound to a client may do nothing that others of the role may not", () => {
  for (const { subject, action, role } of EACH) {
    const [bound, unbound] = [true, false].map((isBound) => mayDo(principal({ role, isBound }), subject, action));
    if (bound) expect([subject, action, unbound]).toEqual([subject, action, true]);
  }
});

test("whoever may change rows may see them, and no more rows than these are theirs", () => {
  const size = { none: 0, own: 1, all: 2 };
  for (const { subject, ...member } of EACH) {
    const [read, write] = ACTIONS.map((action) => size[rowsOf(member, subject, action)]);
    expect([subject, member, Number(write) <= Number(read)]).toEqual([subject, member, true]);
  }
});

test("the client that is told as theirs is the one that they are bound to, and no other", () => {
  for (const { subject, action, role, isBound } of EACH) {
    const client = scopeOf(principal({ role, isBound }), subject, action);
    expect([CLIENT, null]).toContain(client);
    if (!isBound) expect(client).toBeNull();
  }
});

test("what only admins may, nobody may who is bound to a client", () => {
  const admins = EACH.filter(
    ({ subject, action }) => !mayDo(principal({ role: "manager", isBound: false }), subject, action),
  );
  expect(admins.length).toBeGreaterThan(0);
  for (const { subject, action } of admins) {
    const isTheirs = mayDo(principal({ role: "admin", isBound: true }), subject, action);
    expect([subject, action, isTheirs]).toEqual([subject, action, false]);
  }
});
