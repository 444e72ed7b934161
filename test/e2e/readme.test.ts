import { tryDocuments } from "../support/document-run.ts";

tryDocuments(["README.md"], {
  // They would run themselves again, or wait for a registry: the packages are the ones of this tree.
  notHere: ["npm test", "npm run check", "npm ci"],
  shorter: { "npm run bench": "npm run bench -- --rounds 1" },
});
