import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CallResult, evidenceOf, type Proof, prove } from "../../device-db/outcome.ts";

const CALL = { serial: "HKAP0100000001", status: "checkin" };
const ACCEPTED = { message: "Device check-in successful", ...CALL, timestamp: "2026-03-01T12:00:00.000Z" };
const REFUSAL = JSON.stringify({ error: "Validation failed", details: { scent: ["The scent is not known."] } });
const PAGE = "<!doctype html><title>Welcome</title>";

function answer(status: number, body: unknown): CallResult {
  return { kind: "answer", status, body: typeof body === "string" ? body : JSON.stringify(body) };
}

/** An error before there was a connection. */
function unconnected(code: string): CallResult {
  return { kind: "failure", connected: false, code, message: "" };
}

/** An error of a connection that was up: the request may have left on it. */
function broken(code: string): CallResult {
  return { kind: "failure", connected: true, code, message: "" };
}

test.for<[name: string, result: CallResult, proof: Proof]>([
  ["the name does not resolve", unconnected("ENOTFOUND"), "not-sent"],
  ["the name server does not answer", unconnected("EAI_AGAIN"), "not-sent"],
  ["nobody listens", unconnected("ECONNREFUSED"), "not-sent"],
  ["no route to the host", unconnected("EHOSTUNREACH"), "not-sent"],
  ["the connection takes too long", unconnected("UND_ERR_CONNECT_TIMEOUT"), "not-sent"],
  ["a reset while connecting", unconnected("ECONNRESET"), "not-sent"],
  ["the certificate is self-signed", unconnected("DEPTH_ZERO_SELF_SIGNED_CERT"), "not-sent"],
  ["the certificate has expired", unconnected("CERT_HAS_EXPIRED"), "not-sent"],
  ["the certificate is for another host", unconnected("ERR_TLS_CERT_ALTNAME_INVALID"), "not-sent"],
  ["the server speaks no TLS", unconnected("ERR_SSL_WRONG_VERSION_NUMBER"), "not-sent"],

  ["a reset while waiting for the answer", broken("ECONNRESET"), "ambiguous"],
  ["the other side closed", broken("UND_ERR_SOCKET"), "ambiguous"],
  ["TLS fails after the request", broken("ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC"), "ambiguous"],
  ["no headers in time", broken("UND_ERR_HEADERS_TIMEOUT"), "ambiguous"],
  ["no whole body in time", broken("UND_ERR_BODY_TIMEOUT"), "ambiguous"],
  ["the deadline passed", broken("TimeoutError"), "ambiguous"],
  ["the answer is no HTTP", broken("HPE_INVALID_CONSTANT"), "ambiguous"],
  ["the body is shorter than announced", broken("UND_ERR_RES_CONTENT_LENGTH_MISMATCH"), "ambiguous"],
  ["the headers are too large", broken("UND_ERR_HEADERS_OVERFLOW"), "ambiguous"],
  ["the body is too large", broken("UND_ERR_RES_EXCEEDED_MAX_SIZE"), "ambiguous"],
  ["an error that nobody knows", broken("E_SOMETHING_NEW"), "ambiguous"],
  ["an error without a code", broken(""), "ambiguous"],

  ["200 with the documented answer", answer(200, ACCEPTED), "delivered"],
  ["200 with further fields", answer(200, { ...ACCEPTED, id: 7 }), "delivered"],
  ["200 for another serial", answer(200, { ...ACCEPTED, serial: "HKAP0100000002" }), "ambiguous"],
  ["200 for another status", answer(200, { ...ACCEPTED, status: "checkout" }), "ambiguous"],
  ["200 without a timestamp", answer(200, { ...ACCEPTED, timestamp: undefined }), "ambiguous"],
  ["200 with a page", answer(200, PAGE), "ambiguous"],
  ["200 with the page of an allow-list", answer(200, "<!doctype html><p>10.0.0.7 is not on the allow-list."), "walled"],
  ["200 with a page to sign in", answer(200, "\n<html><title>Please log in</title>"), "walled"],
  ["200 with a text that speaks of an allow-list", answer(200, "allow-list"), "ambiguous"],
  ["200 with nothing", answer(200, ""), "ambiguous"],
  ["200 with JSON of another shape", answer(200, { ok: true }), "ambiguous"],
  ["200 with null", answer(200, "null"), "ambiguous"],
  ["201 with the documented answer", answer(201, ACCEPTED), "ambiguous"],
  ["204", answer(204, ""), "ambiguous"],
  ["a redirect", answer(302, ""), "ambiguous"],
  ["a permanent redirect", answer(308, ACCEPTED), "ambiguous"],

  ["400 in the ERP's words", answer(400, REFUSAL), "rejected"],
  ["404 in the ERP's words", answer(404, { error: "Device not found" }), "rejected"],
  ["409 in the ERP's words", answer(409, { error: "No active device usage for this device" }), "rejected"],
  ["422 in the ERP's words", answer(422, REFUSAL), "rejected"],
  ["404 of a proxy", answer(404, PAGE), "ambiguous"],
  ["422 of somebody else", answer(422, { message: "no" }), "ambiguous"],
  ["418 in the ERP's words", answer(418, REFUSAL), "ambiguous"],
  ["429 in the ERP's words", answer(429, REFUSAL), "throttled"],
  ["429 of a proxy", answer(429, PAGE), "throttled"],

  ["401", answer(401, ""), "refused"],
  ["403 with the page of an allow-list", answer(403, PAGE), "refused"],

  ["500 in the ERP's words", answer(500, REFUSAL), "ambiguous"],
  ["502 of a proxy", answer(502, PAGE), "ambiguous"],
  ["503", answer(503, ""), "ambiguous"],
  ["504", answer(504, ""), "ambiguous"],
])("%s", ([, result, proof]) => {
  expect(prove(result, CALL)).toBe(proof);
});

test("whatever the ERP answers, only the documented answer to this call proves a delivery", () => {
  const body = fc.oneof(
    fc.string(),
    fc.json(),
    fc
      .record(
        {
          message: fc.string(),
          serial: fc.constantFrom(CALL.serial, "other"),
          status: fc.constantFrom("checkin", "checkout", "x"),
          timestamp: fc.constantFrom(ACCEPTED.timestamp, "yesterday"),
        },
        { requiredKeys: [] },
      )
      .map((fields) => JSON.stringify(fields)),
  );
  fc.assert(
    fc.property(fc.oneof(fc.constant(200), fc.integer({ min: 100, max: 599 })), body, (status, text) => {
      if (prove(answer(status, text), CALL) !== "delivered") return;
      expect(status).toBe(200);
      expect(JSON.parse(text)).toMatchObject({ ...CALL, timestamp: ACCEPTED.timestamp });
    }),
    { numRuns: 2_000 },
  );
});

describe("evidence for people", () => {
  test("has no secrets of an ERP's answer in it", () => {
    expect(evidenceOf(answer(500, '{"error":"failed","token":"s3cr3t"}'))).toBe(
      'HTTP 500: {"error":"failed","token":"***"}',
    );
    expect(evidenceOf(answer(500, "no: password=s3cr3t"))).toBe("HTTP 500: no: password=***");
  });

  test("is one line and bounded", () => {
    expect(evidenceOf(answer(422, REFUSAL))).toBe(`HTTP 422: ${REFUSAL}`);
    expect(evidenceOf(broken("ECONNRESET"))).toBe("ECONNRESET: ");
    expect(evidenceOf(broken(""))).toBe("failure: ");
    expect(evidenceOf(answer(200, "x".repeat(100_000)))).toHaveLength(2_048);
  });
});
