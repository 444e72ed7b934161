import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DOCS, emptyPatterns, filesOf, hashOf, oldPictures, PICTURES } from "../pictures/sources.ts";

const MOST_BYTES = { png: 300_000, gif: 2_000_000 };

test("no picture is older than what it shows; `npm run pictures` takes those that are", () => {
  expect(oldPictures()).toEqual([]);
});

test("all pictures of the documents are taken by the script, and small enough to be loaded with README", () => {
  const there = readdirSync(DOCS).filter((file) => /\.(png|gif)$/.test(file));
  expect(there.toSorted()).toEqual(PICTURES.toSorted());
  const sizes = there.map((file) => ({ file, bytes: statSync(join(DOCS, file)).size }));
  expect(sizes.filter(({ file, bytes }) => bytes > MOST_BYTES[file.endsWith(".gif") ? "gif" : "png"])).toEqual([]);
});

test("a picture becomes old with any of its files", () => {
  expect(emptyPatterns()).toEqual([]);
  for (const name of PICTURES) {
    const files = filesOf(name);
    const hashes = files.map((changed) => hashOf(name, (file) => (file === changed ? "changed" : file)));
    const all = [hashOf(name, (file) => file), ...hashes];
    expect(new Set(all).size).toBe(files.length + 1);
  }
});
