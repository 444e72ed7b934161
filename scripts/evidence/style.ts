import { readAsset } from "../../plumbing/assets.ts";

const HOUSE = new URL("../../plumbing/assets/", import.meta.url);
const FILES = [
  new URL("house.css", HOUSE),
  new URL("house-parts.css", HOUSE),
  new URL("assets/evidence.css", import.meta.url),
  new URL("assets/evidence-print.css", import.meta.url),
];

/** The style of the house with what only the report has, to stand in the page. */
export const STYLE = FILES.map(readAsset).join("");
