import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

/** OWASP's first choice for argon2id: 19 MiB, two passes. */
const COST = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 };
const derive = promisify(argon2);

/** argon2id with a salt of its own, as `salt.hash` in base64url. */
export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(16);
  const hash = await derive("argon2id", { ...COST, nonce, message: password });
  return `${nonce.toString("base64url")}.${hash.toString("base64url")}`;
}

/** Takes as long for somebody without a password as for a wrong one. */
export async function isPassword(given: string, stored: string | undefined): Promise<boolean> {
  const [salt = "", hash = ""] = (stored ?? NOBODYS).split(".");
  const derived = await derive("argon2id", { ...COST, nonce: Buffer.from(salt, "base64url"), message: given });
  return timingSafeEqual(derived, Buffer.from(hash, "base64url")) && stored !== undefined;
}

const NOBODYS = `${"A".repeat(22)}.${"A".repeat(43)}`;
