import { expect, test } from "vitest";
import { CUSTOMER_EXAMPLE } from "../../erp-stub/customer-contract.ts";
import { newEmail, postCustomer, setUpCustomer } from "../support/customer-calls.ts";
import { customerRefusals } from "./erp-contract-customer-refusals.ts";

type Erp = { url: string };

const NOTHING_TOLD = {
  name: null,
  phone: null,
  gender: null,
  age: null,
  birthdate: null,
  preferences: null,
};
/** What every Katlai ERP has to do at `POST /api/customers`, told through HTTP alone; it leaves customers behind. */
export function customersContract(erp: () => Erp): void {
  settingUp(erp);
  updating(erp);
  customerRefusals(erp);
}

function settingUp(erp: () => Erp): void {
  test("the documented example is answered as documented, the first time and again", async () => {
    const sent = { ...CUSTOMER_EXAMPLE, email: newEmail() };
    const first = await postCustomer(erp(), sent);
    const again = await postCustomer(erp(), sent);

    expect(first.status).toBe(200);
    expect(first.headers.get("content-type")).toMatch(/^application\/json/);
    expect(first.body).toEqual({
      message: "Customer setup successful",
      customer_id: expect.any(Number),
      data: sent,
    });
    expect([again.status, again.body]).toEqual([200, first.body]);
  });

  test("an e-mail is enough", async () => {
    const email = newEmail();
    expect((await setUpCustomer(erp(), { email })).data).toEqual({ email, ...NOTHING_TOLD });
  });

  test("two e-mails are two customers", async () => {
    const [one, other] = [
      await setUpCustomer(erp(), { email: newEmail() }),
      await setUpCustomer(erp(), { email: newEmail() }),
    ];
    expect(one.customer_id).not.toBe(other.customer_id);
  });

  test("unknown fields count for nothing, whatever their names", async () => {
    const email = newEmail();
    const body = `{"email":"${email}","id":1,"customer_id":2,"created_at":"x","__proto__":{"name":"Eve"},"constructor":{}}`;
    const { status, body: answer } = await postCustomer(erp(), body);
    expect([status, answer]).toMatchObject([200, { data: { email, ...NOTHING_TOLD } }]);
  });

  test("text of every script and sign comes back as it was sent", async () => {
    const told = {
      name: "陳大文 “Ó’Brien” 👩‍🚀 <b>",
      phone: "+852 1234-5678 #9",
      preferences: { "klíč 🔑": '\u0000\n\t"' },
    };
    expect((await setUpCustomer(erp(), { email: newEmail(), ...told })).data).toMatchObject(told);
  });

  test.for(["post@bücher.example", "o'neil+hotel@mail.example.com", "guest@localhost", "a.b_c-d@x-y.example"])(
    "%s is an e-mail address",
    async (address) => {
      const email = `${crypto.randomUUID()}${address}`;
      expect((await setUpCustomer(erp(), { email })).data.email).toBe(email);
    },
  );
}

function updating(erp: () => Erp): void {
  test("the same e-mail in other letters is the same customer, and new fields are added to it", async () => {
    const email = newEmail();
    const first = await setUpCustomer(erp(), {
      email,
      name: "John Doe",
      preferences: { language: "en", scents: ["wood"] },
    });
    const again = await setUpCustomer(erp(), {
      email: `  ${email.toUpperCase()} `,
      phone: "1234567890",
      preferences: { newsletter: true, scents: ["fire"] },
    });
    expect(again).toEqual({
      message: "Customer setup successful",
      customer_id: first.customer_id,
      data: {
        ...NOTHING_TOLD,
        email,
        name: "John Doe",
        phone: "1234567890",
        preferences: { language: "en", scents: ["fire"], newsletter: true },
      },
    });
  });

  test.for([null, "", "  "])("%j clears a field, and what is not sent stays", async (nothing) => {
    const full = { ...CUSTOMER_EXAMPLE, email: newEmail() };
    await setUpCustomer(erp(), full);
    for (const field of ["name", "phone", "gender", "age", "birthdate"]) {
      const { data } = await setUpCustomer(erp(), { email: full.email, [field]: nothing });
      expect(data).toEqual({ ...full, [field]: null });
      await setUpCustomer(erp(), full);
    }
  });

  test("preferences are merged one level deep; null removes one of them, or all", async () => {
    const email = newEmail();
    const preferencesAfter = async (preferences: unknown) => {
      return (await setUpCustomer(erp(), { email, preferences })).data.preferences;
    };
    expect(await preferencesAfter({ a: 1, b: { c: 2, d: null }, e: null })).toEqual({ a: 1, b: { c: 2, d: null } });
    expect(await preferencesAfter({})).toEqual({ a: 1, b: { c: 2, d: null } });
    expect(await preferencesAfter({ b: { f: 3 } })).toEqual({ a: 1, b: { f: 3 } });
    expect(await preferencesAfter({ a: null })).toEqual({ b: { f: 3 } });
    expect(await preferencesAfter(null)).toBeNull();
    expect(await preferencesAfter({})).toEqual({});
  });

  test("50 calls at once with one new e-mail are one customer, and none of them is lost", async () => {
    const email = newEmail();
    const keys = Array.from({ length: 50 }, (_, at) => `key${String(at)}`);
    const answers = await Promise.all(keys.map((key) => setUpCustomer(erp(), { email, preferences: { [key]: key } })));
    expect(new Set(answers.map((answer) => answer.customer_id)).size).toBe(1);
    const { data } = await setUpCustomer(erp(), { email });
    expect(data.preferences).toEqual(Object.fromEntries(keys.map((key) => [key, key])));
  });
}
