import { expect, test } from "vitest";
import { table } from "../../scripts/table.ts";

test("what others wrote neither breaks a table nor steers the terminal", () => {
  expect(
    table([
      ["STATE", "EVIDENCE"],
      ["dead", "HTTP 500:\r\n\u001B[2J\u009Bgone"],
    ]),
  ).toBe("STATE  EVIDENCE\ndead   HTTP 500: [2J gone\n");
});

test("names in Chinese and Japanese leave the columns where they are", () => {
  expect(
    table([
      ["ROOM", "STATE"],
      ["豪華客房", "on"],
      ["Room 1", "off"],
    ]),
  ).toBe("ROOM      STATE\n豪華客房  on\nRoom 1    off\n");
});
