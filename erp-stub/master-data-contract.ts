/** The master data as one document, which names things by what people call them, so that any ERP of this kind can take it. */
import { z } from "zod";

type Issue = { input?: unknown };

/** What a row has to be; `PARTS` has the one of each part. */
export type RowSchema = z.ZodObject<Record<string, z.ZodType<string | number | null | undefined>>>;

/** A row of a part by its columns. */
export type MasterDataRow = Record<string, string | number | null>;

export type PartName =
  | "corporations"
  | "clients"
  | "device_types"
  | "rooms"
  | "devices"
  | "device_setups"
  | "scents"
  | "schedules";

export type MasterData = Record<PartName, MasterDataRow[]>;

/** How many rows an import added, changed and found as they are. */
export type ImportCounts = { added: number; changed: number; unchanged: number };

/** A column that says by name which other row is meant. */
export function nameColumn(column: string) {
  const label = column.replaceAll("_", " ");
  const required = `The ${label} field is required.`;
  const wrong = `The ${label} field must be a string.`;
  return z
    .string({ error: ({ input }: Issue) => (input === undefined || input === null ? required : wrong) })
    .trim()
    .min(1, required)
    .max(200, `The ${label} field must not be greater than 200 characters.`)
    .describe(`What the ${label} is called.`);
}

/** An import may have any of the parts. */
export function documentOf(rows: Record<PartName, RowSchema>) {
  const parts = Object.entries(rows).map(([part, row]) => [part, z.array(row).optional()] as const);
  return z.strictObject(Object.fromEntries(parts));
}
