import type { Scent } from "../device-sim/contract.ts";
import { Html } from "../plumbing/html.ts";

/** Each scent has a sign of its own, so that colour is never all that tells them apart. */
export const SIGNS: Record<Scent, Html> = {
  fire: sign(
    "M12 21a6 6 0 0 1-6-6c0-3 1.800-4.600 3-6.500.400 1.300 1 2.100 2 2.700C11 8 11.500 5.500 14 3c0 4.500 4 6.500 4 12a6 6 0 0 1-6 6z",
    "M12 21a2.800 2.800 0 0 1-2.800-2.800c0-1.700 1.400-2.400 2.800-4.200 1.400 1.800 2.800 2.500 2.800 4.200A2.800 2.800 0 0 1 12 21z",
  ),
  wood: sign(
    "M12 21v-8",
    "M12 17l3-2.500",
    "M12 3c-4 2.500-6 5.500-6 8.500A5 5 0 0 0 11 17h2a5 5 0 0 0 5-5.500C18 8.500 16 5.500 12 3z",
    "M12 15l-2.500-2",
  ),
  water: sign(
    "M12 3c3.800 4.400 6 7.700 6 11a6 6 0 0 1-12 0c0-3.300 2.200-6.600 6-11z",
    "M9 14.500a3 3 0 0 0 2.600 2.900",
  ),
  air: sign(
    "M3 9h10.500A2.700 2.700 0 1 0 11 5.600",
    "M3 13h14.500a2.900 2.900 0 1 1-2.700 3.900",
    "M3 17h7a2 2 0 1 1-1.900 2.700",
  ),
};

/** For a card that is not valid, and for a wait. */
export const CARD = sign("M4 6.500h16v11H4z", "M4 10h16", "M7.500 14h4");
export const HOURGLASS = sign(
  "M7 3h10",
  "M7 21h10",
  "M8 3c0 5 3 6.500 4 9-1 2.500-4 4-4 9",
  "M16 3c0 5-3 6.500-4 9 1 2.500 4 4 4 9",
);

function sign(...strokes: string[]): Html {
  const paths = strokes.map((stroke) => `<path d="${stroke}"/>`).join("");
  return new Html(`<svg viewBox="0 0 24 24" aria-hidden="true">${paths}</svg>`);
}
