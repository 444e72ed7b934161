import { SaxesParser } from "saxes";
import { expect, test } from "vitest";
import { evidenceJunit } from "../../scripts/evidence/junit.ts";
import type { Evidence } from "../../scripts/scenarios/outcome.ts";
import { evidenceOf, hostile, mixed, proof, repeated } from "../support/evidence.ts";
import { outcomeOf, withScreenshots, wrongScent } from "../support/evidence-outcomes.ts";

type Element = { name: string; attributes: Record<string, string>; text: string; children: Element[] };

/** As a strict parser reads it; what is not well-formed throws. */
function parse(xml: string): Element {
  const root: Element = { name: "", attributes: {}, text: "", children: [] };
  const open = [root];
  const parser = new SaxesParser();
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", ({ name, attributes }) => {
    const element = { name, attributes: attributes as Record<string, string>, text: "", children: [] };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on("text", (text) => {
    const last = open.at(-1);
    if (last) last.text += text;
  });
  parser.on("closetag", () => open.pop());
  parser.write(xml).close();
  return root.children[0] ?? root;
}

function all(element: Element, name: string): Element[] {
  return element.children.flatMap((child) => [...(child.name === name ? [child] : []), ...all(child, name)]);
}

const attributesOf = ({ attributes }: Element, ...names: string[]) => names.map((name) => attributes[name]);

/** The elements and attributes of https://github.com/testmoapp/junitxml, and what stands in each. */
const COUNTS = ["tests", "failures", "errors", "skipped", "assertions", "time", "timestamp"];
const FORMAT: Record<string, { attributes: string[]; children: string[] }> = {
  testsuites: { attributes: ["name", ...COUNTS], children: ["testsuite"] },
  testsuite: {
    attributes: ["name", "file", ...COUNTS],
    children: ["properties", "system-out", "system-err", "testcase", "testsuite"],
  },
  testcase: {
    attributes: ["name", "classname", "assertions", "time", "file", "line"],
    children: ["properties", "skipped", "failure", "error", "system-out", "system-err"],
  },
  properties: { attributes: [], children: ["property"] },
  property: { attributes: ["name", "value"], children: [] },
  skipped: { attributes: ["message"], children: [] },
  failure: { attributes: ["message", "type"], children: [] },
  "system-out": { attributes: [], children: [] },
};

function strangers({ name, attributes, children }: Element): string[] {
  const known = FORMAT[name];
  if (!known) return [name];
  return [
    ...Object.keys(attributes)
      .filter((one) => !known.attributes.includes(one))
      .map((one) => `${name} ${one}`),
    ...children.filter((child) => !known.children.includes(child.name)).map((child) => `${name} > ${child.name}`),
    ...children.flatMap(strangers),
  ];
}

const EVIDENCE: Record<string, () => Evidence> = {
  "one scenario": proof,
  "many scenarios": mixed,
  "many runs": () => repeated(30, [2]),
  "hostile words": hostile,
  nothing: () => evidenceOf([]),
  "a flaw of the whole": () => evidenceOf([outcomeOf({ n: 1, scent: "air" })], { ok: false }),
};

test.each(Object.entries(EVIDENCE))("it is well-formed, and in the common format: %s", (_, evidence) => {
  const root = parse(evidenceJunit(evidence()));
  expect(root.name).toBe("testsuites");
  expect(strangers(root)).toEqual([]);
});

test("the parser is strict, and the format is asked for", () => {
  for (const xml of ["<a>\u0007</a>", "<a>\ufffe</a>", "<a b='<'/>", "<a>&nbsp;</a>", "<a><b></a>"])
    expect(() => parse(xml)).toThrow();
  expect(strangers(parse("<testsuites id='1'><case/></testsuites>"))).toEqual([
    "testsuites id",
    "testsuites > case",
    "case",
  ]);
});

test.each(Object.entries(EVIDENCE))("it counts what is there: %s", (_, make) => {
  const evidence = make();
  const root = parse(evidenceJunit(evidence));
  const failed = evidence.outcomes.filter(({ ok }) => !ok).length;
  const own = !evidence.ok && failed === 0 ? 1 : 0;
  const skipped = evidence.skipped.length;
  const expected = [evidence.outcomes.length + skipped + own, failed + own, 0, skipped].map(String);
  expect(attributesOf(root, "tests", "failures", "errors", "skipped")).toEqual(expected);
  for (const name of ["tests", "failures", "skipped", "assertions"]) {
    const suites = all(root, "testsuite").map(({ attributes }) => Number(attributes[name]));
    expect([name, suites.reduce((sum, one) => sum + one, 0)]).toEqual([name, Number(root.attributes[name])]);
  }
  expect(all(root, "testcase").length).toBe(Number(root.attributes["tests"]));
  expect(all(root, "failure").length).toBe(Number(root.attributes["failures"]));
});

test("a case says which run of which file it is, and how long it took", () => {
  const [first] = all(parse(evidenceJunit(proof())), "testcase") as [Element];
  expect(attributesOf(first, "name", "classname", "file", "line", "time", "assertions")).toEqual([
    "The POC script",
    "scenarios.the-poc-script",
    "scenarios/the-poc-script.yaml",
    "1",
    "0.178",
    "7",
  ]);
  const names = all(parse(evidenceJunit(repeated(3))), "testcase").map(({ attributes }) => attributes["name"]);
  expect(names).toEqual(["The POC script (run 1)", "The POC script (run 2)", "The POC script (run 3)"]);
});

test("a failure says what was expected and what was seen, where, and what did not happen", () => {
  const cases = all(parse(evidenceJunit(mixed())), "testcase");
  const poc = cases.find(({ attributes }) => attributes["name"] === "The POC script") as Element;
  const [failure] = all(poc, "failure") as [Element];
  expect(poc.attributes["line"]).toBe("14");
  expect(failure.attributes).toEqual({
    message: "The ERP was not asked what it should be.",
    type: "ExpectationFailed",
  });
  expect(failure.text).toContain("(scenarios/poc.yaml:14)");
  expect(failure.text).toMatch(/expected: GET \/device\S+scent=wood\n +seen: +GET \/device\S+scent=fire/);
  const water = cases.find(({ attributes }) => attributes["name"] === "A guest picks water") as Element;
  expect(all(water, "failure")[0]?.text).toContain("first hop that did not happen: the pod accepts the command");
});

test("each step is a property with its result, and the flow is the output", () => {
  const [first] = all(parse(evidenceJunit(evidenceOf([wrongScent(1)]))), "testcase") as [Element];
  const steps = all(first, "property").filter(({ attributes }) => attributes["name"]?.startsWith("step"));
  expect(steps.map(({ attributes }) => attributes["name"])).toEqual([
    ...Array<string>(5).fill("step[passed]"),
    "step[failure]",
  ]);
  expect(all(first, "system-out")[0]?.text).toMatch(/\+88 ms +broker +command handed on +checkin fire\n/);
});

test("what was not checked is a skipped step; what could not be played is a skipped case with its reason", () => {
  const outcome = outcomeOf({ n: 1, scent: "air" });
  const steps = [...outcome.steps, { name: "the ERP’s usages", ok: "not checked" as const, ms: 0 }];
  const [first] = all(parse(evidenceJunit(evidenceOf([{ ...outcome, steps }]))), "testcase") as [Element];
  expect(all(first, "property").at(-1)?.attributes["name"]).toBe("step[skipped]");
  expect(first.attributes["assertions"]).toBe("7");
  const [skipped] = all(parse(evidenceJunit(mixed())), "skipped") as [Element];
  expect(skipped.attributes["message"]).toBe("It needs the bundled ERP, and ERP_URL names another.");
});

test("a failed case brings what the phone showed, by the convention for attachments; one that passed does not", () => {
  const attachments = (evidence: Evidence) =>
    all(parse(evidenceJunit(evidence)), "property").filter(({ attributes }) => attributes["name"] === "attachment");
  const [picture] = attachments(evidenceOf([withScreenshots(wrongScent(1))])) as [Element];
  expect(picture.attributes["value"]).toMatch(/^data:image\/png;filename=step-1\.png;base64,iVBOR/);
  expect(attachments(evidenceOf([withScreenshots(outcomeOf({ n: 1, scent: "wood" }))]))).toEqual([]);
});

test("what is wrong about the whole fails a case of its own", () => {
  const evidence = evidenceOf([outcomeOf({ n: 1, scent: "air" })], {
    ok: false,
    remarks: ["The ERP holds 2 usages for 1 session."],
  });
  const root = parse(evidenceJunit(evidence));
  expect(all(root, "failure").map(({ attributes }) => attributes["message"])).toEqual([
    "The ERP holds 2 usages for 1 session.",
  ]);
});

test("words of others stay words, but for characters that XML does not have", () => {
  const texts = all(parse(evidenceJunit(hostile())), "failure").map(({ text }) => text);
  expect(texts[0]).toContain("<script>alert(1)</script>");
  expect(texts[0]).toContain("]]>\uFFFD\uFFFD\uFFFD[31m\uFFFD\uFFFD\n");
});
