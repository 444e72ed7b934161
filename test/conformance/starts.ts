import { expect } from "vitest";
import { lines } from "../support/direct-line-api.ts";
import { openChannel } from "./channel.ts";
import { QUESTION, type World } from "./world.ts";

/** 201, then 200: the same conversation, its question asked once, whatever comes at the same instant. */
export async function startedOnce({ api, takeToken }: World): Promise<void> {
  const { token, conversationId } = await takeToken();
  const start = () => api.post("/conversations", token, { user: {} });
  const atOnce = await Promise.all([start(), start(), start()]);
  expect(atOnce.map(({ status }) => String(status)).toSorted()).toEqual(["200", "200", "201"]);
  const later = await start();
  expect(later.status).toBe(200);
  for (const { body } of [...atOnce, later]) expect(body.conversationId).toBe(conversationId);
  const { body } = await api.get(`/conversations/${conversationId}/activities`, later.body.token);
  expect(lines(body.activities)).toEqual([QUESTION]);
}

/** The body is what clients send, or nothing; a language in it is the guest's. */
export async function startBodies({ api, takeToken }: World): Promise<void> {
  const bodies: [body: unknown, question: string][] = [
    [{ user: {} }, QUESTION],
    [{}, QUESTION],
    [undefined, QUESTION],
    [{ user: { id: "me" }, locale: "en-GB" }, QUESTION],
    [{ locale: "de-DE" }, expect.stringMatching(/^bot: .*a\) Feuer/i) as string],
    [{ locale: "not a language" }, QUESTION],
    [{ locale: 7 }, QUESTION],
  ];
  for (const [body, question] of bodies) {
    const { token, conversationId } = await takeToken();
    expect([body, (await api.post("/conversations", token, body)).status]).toEqual([body, 201]);
    const { activities } = (await api.get(`/conversations/${conversationId}/activities`, token)).body;
    expect([body, lines(activities)]).toEqual([body, [question]]);
  }
}

/** Who starts again, as a reload does, is there, and maybe in another language. */
export async function startedAgain(): Promise<void> {
  await using channel = await openChannel({});
  const { token, conversationId } = await channel.begin();
  const session = () => channel.store.sessions.find(conversationId);
  const first = session();
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect((await channel.api.post("/conversations", token, { locale: "de-AT" })).status).toBe(200);
  expect([first?.locale, session()?.locale]).toEqual(["en", "de-AT"]);
  expect(session()?.dueAt).toBeGreaterThan(first?.dueAt ?? 0);
}

export async function badStartBodies({ api, takeToken }: World): Promise<void> {
  const { token, conversationId } = await takeToken();
  for (const body of ["{", "[]", "7", '"locale"'])
    expect([body, await api.failure("POST", "/conversations", { token, body })]).toEqual([body, "400 BadArgument"]);
  expect(await api.failure("GET", `/conversations/${conversationId}`, { token })).toBe("404 NotFound");
}
