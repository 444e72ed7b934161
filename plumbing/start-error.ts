/** The start is not possible for a reason that the person who started it can mend; the message is one sentence. */
export class StartError extends Error {
  override name = "StartError";
}
