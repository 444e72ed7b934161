import { expect, test } from "vitest";
import type { GuestView } from "../../bot/contract.ts";
import { noteOf } from "../../bot/guest-note.ts";

const answered: GuestView = {
  state: "ended",
  scent: "wood",
  command: { state: "pending", reason: null },
  pod: "online",
  diffusing: null,
};
const nothing: GuestView = { state: "none", scent: null, command: null, pod: "online", diffusing: "wood" };

test("before the answer there is nothing to tell, whatever the pod does", () => {
  const silence = { text: "", tone: "", final: false, step: 0 };
  for (const state of ["none", "started", "asked", "abandoned"] as const)
    expect(noteOf("en", { ...nothing, state })).toEqual(silence);
});

test("a choice on its way is told as such, and an offline pod is not hidden", () => {
  expect(noteOf("en", answered)).toEqual({
    text: "Sent to your AromaPod, waiting for its confirmation.",
    tone: "",
    final: false,
    step: 1,
  });
  for (const pod of ["offline", "lost", "unknown"] as const) {
    const note = noteOf("en", { ...answered, pod });
    expect(note).toMatchObject({ text: expect.stringContaining("offline"), final: false, step: 1 });
  }
});

test("that the pod diffuses the scent is told only when it says so itself", () => {
  const command = { state: "accepted", reason: null } as const;
  const confirmed = { text: "Your AromaPod has confirmed. Enjoy your wood scent.", tone: "good", final: true, step: 2 };
  for (const diffusing of [null, "fire"]) expect(noteOf("en", { ...answered, command, diffusing })).toEqual(confirmed);
  expect(noteOf("en", { ...answered, command, diffusing: "wood", pod: "lost" })).toEqual(confirmed);
  expect(noteOf("en", { ...answered, command, diffusing: "wood" })).toEqual({
    text: "Your AromaPod has confirmed and is diffusing wood now. Enjoy your stay.",
    tone: "good",
    final: true,
    step: 3,
  });
});

test.each([
  { state: "rejected", reason: "no capsule", text: "Your AromaPod could not start wood. Please tell the reception." },
  { state: "expired", reason: null, text: "Your AromaPod did not answer in time. Please tell the reception." },
] as const)("a command that is $state is told as it is, for good", ({ state, reason, text }) => {
  const note = noteOf("en", { ...answered, command: { state, reason } });
  expect(note).toEqual({ text, tone: "bad", final: true, step: 1 });
});

test("a note speaks the language of its page", () => {
  expect(noteOf("ja", { ...answered, command: { state: "accepted", reason: null } }).text).toContain("木");
});
