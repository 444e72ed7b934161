import { expect } from "vitest";
import { claimsOf, lines, resigned, upgradeStatus } from "../support/direct-line-api.ts";
import { listUsages } from "../support/erp-calls.ts";
import { eventually } from "../support/eventually.ts";
import { erpOf } from "../support/kit.ts";
import { END, message, QUESTION, SCAN_THE_CARD, THANKS, type World } from "./world.ts";

const GENERATE = "/tokens/generate";
const REFRESH = "/tokens/refresh";
const HALF_AN_HOUR_S = 1_800;
const DAY_S = 24 * 3_600;

/** The secret makes tokens, each for a conversation of its own that has not begun. */
export async function secretMakesTokens({ api, secret }: World): Promise<void> {
  const anonymous = await api.post(GENERATE, secret);
  expect(anonymous).toMatchObject({ status: 200, body: { expires_in: HALF_AN_HOUR_S } });
  expect(Object.keys(anonymous.body).toSorted()).toEqual(["conversationId", "expires_in", "token"]);
  expect(claimsOf(anonymous.body.token).user).toMatch(/^dl_.{8,}/);
  expect(await api.failure("GET", `/conversations/${anonymous.body.conversationId}`, anonymous.body)).toBe(
    "404 NotFound",
  );

  const named = await api.post(GENERATE, secret, {
    user: { id: "dl_alice", name: "Alice" },
    trustedOrigins: ["https://hotel.example"],
  });
  expect(named.status).toBe(200);
  expect(claimsOf(named.body.token).user).toBe("dl_alice");
  expect(named.body.conversationId).not.toBe(anonymous.body.conversationId);
}

export async function onlySecretMakesTokens({ api, secret, takeToken }: World): Promise<void> {
  const { token } = await takeToken();
  expect(await api.failure("POST", GENERATE)).toBe("401 Unauthorized");
  expect(await api.failure("POST", GENERATE, { headers: { authorization: "Bearer" } })).toBe("401 Unauthorized");
  expect(await api.failure("POST", GENERATE, { headers: { authorization: `Basic ${secret}` } })).toBe(
    "401 Unauthorized",
  );
  expect(await api.failure("POST", GENERATE, { token })).toBe("401 Unauthorized");
  for (const wrong of ["wrong", `${secret}x`, secret.slice(1), secret.toUpperCase()])
    expect(await api.failure("POST", GENERATE, { token: wrong })).toBe("403 Forbidden");
  for (const body of ["{", "[]", '"dl_a"', { user: { id: "alice" } }, { user: { id: 1 } }])
    expect([body, await api.failure("POST", GENERATE, { token: secret, body })]).toEqual([body, "400 BadArgument"]);
}

/** Without a pod the bot asks for the card; its link begins a session, and one conversation holds many. */
export async function secretConversation({ api, secret, link, kit }: World): Promise<void> {
  const before = (await listUsages(erpOf(kit))).length;
  const { token, conversationId } = (await api.post(GENERATE, secret)).body;
  expect((await api.post("/conversations", token, { user: {} })).status).toBe(201);
  const path = `/conversations/${conversationId}/activities`;
  const said = [SCAN_THE_CARD];
  const say = async (text: string, ...replies: string[]) => {
    expect(await api.post(path, token, message(text))).toMatchObject({ status: 200 });
    said.push(`user: ${text}`, ...replies);
  };
  await say("b", SCAN_THE_CARD);
  await say(`start ${link}x`, SCAN_THE_CARD);
  await say(`start ${link}`, QUESTION);
  await say("b", THANKS, END);
  await say(`start ${link}`, QUESTION);
  await say("wood", THANKS, END);
  expect(lines((await api.get(path, token)).body.activities)).toEqual(said);
  await eventually(async () => expect((await listUsages(erpOf(kit))).length).toBe(before + 2));
}

/** The page's conversation is its one session: a link that is typed there begins no other. */
export async function linkInSession({ begin, link, kit }: World): Promise<void> {
  const before = (await listUsages(erpOf(kit))).length;
  const { say, read } = await begin();
  expect((await say(`start ${link}`)).status).toBe(200);
  expect((await say("b")).status).toBe(200);
  const said = [QUESTION, `user: start ${link}`, SCAN_THE_CARD, "user: b", THANKS, END];
  expect(lines((await read()).activities)).toEqual(said);
  await eventually(async () => expect((await listUsages(erpOf(kit))).length).toBe(before + 1));
}

export async function secretStartsConversations({ api, secret }: World): Promise<void> {
  const start = () => api.post("/conversations", secret, { user: { id: "r_1a2b3c4d5e" } });
  const [one, two] = [await start(), await start()];
  for (const { status, body } of [one, two]) {
    expect(status).toBe(201);
    expect(
      lines((await api.get(`/conversations/${body.conversationId}/activities`, body.token)).body.activities),
    ).toEqual([SCAN_THE_CARD]);
  }
  expect(one.body.conversationId).not.toBe(two.body.conversationId);

  // A client that was given the secret goes on with it.
  const path = `/conversations/${one.body.conversationId}`;
  expect((await api.post(`${path}/activities`, secret, { type: "message", text: "hello" })).status).toBe(200);
  expect((await api.get(path, secret)).body.streamUrl).toMatch(/^ws:/);
  expect(lines((await api.get(`${path}/activities`, secret)).body.activities)).toEqual([
    SCAN_THE_CARD,
    "user: hello",
    SCAN_THE_CARD,
  ]);
  expect((await api.get("/conversations/none", secret)).status).toBe(404);
}

/** Clients take over whatever token an answer brings, so each one has to bring a good one. */
export async function everyAnswerBringsToken({ api, takeToken, kit }: World): Promise<void> {
  const { token, conversationId } = await takeToken();
  const path = `/conversations/${conversationId}`;
  const early = await api.post(REFRESH, token);
  const started = await api.post("/conversations", early.body.token, { user: {} });
  const resumed = await api.get(`${path}?watermark=`, token);
  // As the real client asks: no body and no content type.
  const refreshed = await fetch(`${kit.urls.bot}/v3/directline${REFRESH}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
  });
  expect(refreshed.status).toBe(200);
  const bodies = [started.body, resumed.body, (await refreshed.json()) as typeof started.body];
  for (const body of bodies) {
    expect(body).toMatchObject({ conversationId, expires_in: HALF_AN_HOUR_S });
    const { user, iat, exp } = claimsOf(body.token);
    expect([user, exp - iat]).toEqual([claimsOf(token).user, HALF_AN_HOUR_S]);
    expect((await api.get(`${path}/activities`, body.token)).status).toBe(200);
  }
  expect(lines((await api.get(`${path}/activities`, token)).body.activities)).toEqual([QUESTION]);
}

/** The one of the claims that says when the first of a line of refreshed tokens was made is the bot's own affair. */
export async function refreshingEnds({ api, takeToken, kit }: World): Promise<void> {
  const { token, conversationId } = await takeToken();
  await api.post("/conversations", token, {});
  const aged = (seconds: number) => {
    const { iat, exp: _, ...others } = claimsOf(token);
    const times = Object.entries(others).filter(([, value]) => Math.abs(Number(value) - iat) < DAY_S);
    expect(times.length).toBeGreaterThan(0);
    const moved = Object.fromEntries(times.map(([name, value]) => [name, Number(value) - seconds]));
    return resigned(token, kit.secrets.tokenKey, moved);
  };
  expect((await api.post(REFRESH, aged(DAY_S - 60))).status).toBe(200);
  expect(await api.failure("POST", REFRESH, { token: aged(DAY_S + 60) })).toBe("403 TokenExpired");
  expect(await api.failure("GET", `/conversations/${conversationId}`, { token: aged(DAY_S + 60) })).toBe(
    "403 TokenExpired",
  );
}

/** A token expires in the bot's memory too. */
export async function tokenExpires({ api, begin, kit }: World): Promise<void> {
  const { token, path } = await begin();
  const now = Math.floor(Date.now() / 1_000);
  const until = (exp: number) => resigned(token, kit.secrets.tokenKey, { exp });
  expect(await api.failure("GET", path, { token: until(now - 1) })).toBe("403 TokenExpired");
  expect((await api.get(path, until(now + 60))).status).toBe(200);
  const brief = until(now + 2);
  expect((await api.get(path, brief)).status).toBe(200);
  await eventually(async () => expect(await api.failure("GET", path, { token: brief })).toBe("403 TokenExpired"));
  for (const [method, where] of [
    ["POST", REFRESH],
    ["POST", "/conversations"],
    ["POST", `${path}/activities`],
  ] as const)
    expect(await api.failure(method, where, { token: brief, body: message("b") })).toBe("403 TokenExpired");
}

export async function tokenIsForOneConversation({ api, begin }: World): Promise<void> {
  const [mine, others] = [await begin(), await begin()];
  const { token } = mine;
  const unknown = `/conversations/${crypto.randomUUID()}`;
  for (const path of [others.path, `${others.path}/activities`])
    expect(await api.failure("GET", path, { token })).toBe("403 Forbidden");
  expect(await api.failure("POST", `${others.path}/activities`, { token, body: message("b") })).toBe("403 Forbidden");
  expect(await api.failure("GET", `${unknown}/activities`, { token })).toMatch(/^40[34] /);
  expect(await upgradeStatus(others.streamUrl)).toBe(101);
  expect(await upgradeStatus(mine.streamUrl.replace(mine.conversationId, others.conversationId))).toBe(403);
  expect(lines((await others.read()).activities)).toEqual([QUESTION]);
}

export async function tokenHasToBeOurs({ api, begin, takeToken, kit }: World): Promise<void> {
  const { token, path, read } = await begin();
  const [header, payload, signature] = token.split(".");
  const changed = resigned(token, "x".repeat(43), {}).split(".");
  const unsigned = Buffer.from('{"alg":"none","typ":"JWT"}').toString("base64url");
  for (const bad of [
    "a.b.c",
    `${String(header)}.${String(payload)}.${String(signature).split("").toReversed().join("")}`,
    changed.join("."),
    `${unsigned}.${String(payload)}.`,
    kit.secrets.directLineSecret.slice(1),
  ]) {
    expect(await api.failure("GET", `${path}/activities`, { token: bad })).toBe("401 Unauthorized");
    expect(await api.failure("POST", `${path}/activities`, { token: bad, body: message("b") })).toBe(
      "401 Unauthorized",
    );
    expect(await api.failure("POST", REFRESH, { token: bad })).toBe("401 Unauthorized");
  }
  for (const headers of [{}, { authorization: "Bearer" }, { authorization: "Basic Z3Vlc3Q6" }])
    expect(await api.failure("GET", `${path}/activities`, { headers })).toBe("401 Unauthorized");
  expect(lines((await read()).activities)).toEqual([QUESTION]);

  const early = await takeToken();
  const neverStarted = `/conversations/${early.conversationId}`;
  expect(await api.failure("GET", neverStarted, early)).toBe("404 NotFound");
  expect(await api.failure("GET", `${neverStarted}/activities`, early)).toBe("404 NotFound");
  for (const body of [message("b"), { type: "typing" }])
    expect(await api.failure("POST", `${neverStarted}/activities`, { ...early, body })).toBe("404 NotFound");
}
