import { describe } from "vitest";
import { type ErpUnderTest, readingAcceptance, writingAcceptance } from "./acceptance.ts";

/** A Katlai ERP wherever it runs: `ERP_URL`, with `ERP_API_KEY` to read back, and with `ERP_WRITES=yes` to write too. */
const { ERP_URL: url = "", ERP_API_KEY, ERP_WRITES } = process.env;
if (!URL.canParse(url)) throw new Error("Set ERP_URL to the address of the ERP, such as https://erp.example.");

const erp: ErpUnderTest = { url: new URL(url).origin, apiKey: ERP_API_KEY || undefined };

describe("without writing", () => readingAcceptance(() => erp));
describe.skipIf(ERP_WRITES !== "yes")("writing, as ERP_WRITES=yes allows", () => writingAcceptance(() => erp));
