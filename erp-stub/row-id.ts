/** An id as an address, a query or a form has it; `undefined` for what can be none. */
export function readId(text: string | null | undefined): number | undefined {
  return /^[1-9]\d{0,14}$/.test(text ?? "") ? Number(text) : undefined;
}
