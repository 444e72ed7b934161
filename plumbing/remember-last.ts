/** A pure function that does not work again for the text that it was asked for last: nearly all callers ask the same. */
export function rememberLast<Result>(work: (text: string) => Result): (text: string) => Result {
  let known: { text: string; result: Result } | undefined;
  return (text) => {
    if (known?.text !== text) known = { text, result: work(text) };
    return known.result;
  };
}
