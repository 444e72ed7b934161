/** Loaded before a service, with `--expose-gc`: collects when it is told to, so that what counts is what is kept. */
process.on("SIGUSR2", () => globalThis.gc?.());
