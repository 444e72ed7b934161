import { expect, test } from "vitest";
import type { GuestView } from "../../bot/contract.ts";
import { noteOf } from "../../bot/guest-page.ts";

const answered: GuestView = {
  state: "ended",
  scent: "wood",
  command: { state: "pending", reason: null },
  pod: "online",
};

test("before the answer there is nothing to tell", () => {
  expect(noteOf({ state: "none", scent: null, command: null, pod: "online" })).toEqual({
    text: "",
    tone: "",
    final: false,
  });
});

test("a choice on its way is told as such, and an offline pod is not hidden", () => {
  expect(noteOf(answered)).toMatchObject({
    text: "Sent to your AromaPod, waiting for its confirmation.",
    final: false,
  });
  for (const pod of ["offline", "lost", "unknown"] as const) {
    expect(noteOf({ ...answered, pod })).toMatchObject({ text: expect.stringContaining("offline"), final: false });
  }
});

test.each([
  { state: "accepted", reason: null, tone: "good", text: "Your AromaPod has confirmed. Enjoy your wood scent." },
  { state: "rejected", reason: "no capsule", tone: "bad", text: "Your AromaPod could not start wood: no capsule." },
  {
    state: "expired",
    reason: null,
    tone: "bad",
    text: "Your AromaPod did not answer in time. Please tell the reception.",
  },
] as const)("a command that is $state is told as it is, for good", ({ state, reason, tone, text }) => {
  expect(noteOf({ ...answered, command: { state, reason } })).toEqual({ text, tone, final: true });
});
