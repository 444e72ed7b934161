import { Html } from "../plumbing/html.ts";
import type { Scent } from "./contract.ts";

/** Each scent has a sign of its own, so that colour is never all that tells them apart. In a square of 24. */
const STROKES: Record<Scent, readonly string[]> = {
  fire: [
    "M12 21a6 6 0 0 1-6-6c0-3 1.800-4.600 3-6.500.400 1.300 1 2.100 2 2.700C11 8 11.500 5.500 14 3c0 4.500 4 6.500 4 12a6 6 0 0 1-6 6z",
    "M12 21a2.800 2.800 0 0 1-2.800-2.800c0-1.700 1.400-2.400 2.800-4.200 1.400 1.800 2.800 2.500 2.800 4.200A2.800 2.800 0 0 1 12 21z",
  ],
  wood: [
    "M12 21v-8",
    "M12 17l3-2.500",
    "M12 3c-4 2.500-6 5.500-6 8.500A5 5 0 0 0 11 17h2a5 5 0 0 0 5-5.500C18 8.500 16 5.500 12 3z",
    "M12 15l-2.500-2",
  ],
  water: ["M12 3c3.800 4.400 6 7.700 6 11a6 6 0 0 1-12 0c0-3.300 2.200-6.600 6-11z", "M9 14.500a3 3 0 0 0 2.600 2.900"],
  air: [
    "M3 9h10.500A2.700 2.700 0 1 0 11 5.600",
    "M3 13h14.500a2.900 2.900 0 1 1-2.700 3.900",
    "M3 17h7a2 2 0 1 1-1.900 2.700",
  ],
};

/** On the keys of the pod. */
export const NEXT = sign(["M6 6.500l6 5.500-6 5.500z", "M13 6.500l6 5.500-6 5.500z"]);
export const STOP = sign(["M7 7h10v10H7z"]);

/** The strokes of a sign, for a drawing. */
export function strokesOf(scent: Scent): Html {
  return paths(STROKES[scent]);
}

export function signOf(scent: Scent): Html {
  return sign(STROKES[scent]);
}

function sign(strokes: readonly string[]): Html {
  return new Html(`<svg class="sign" viewBox="0 0 24 24" aria-hidden="true">${paths(strokes).markup}</svg>`);
}

function paths(strokes: readonly string[]): Html {
  return new Html(strokes.map((stroke) => `<path d="${stroke}"/>`).join(""));
}
