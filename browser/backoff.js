// When to try again.

const FIRST_MS = 500;
const LAST_MS = 15_000;

/** Milliseconds to wait after so many failures in a row, from 0: longer each time, and never the same for all. */
export function retryDelay(failures) {
  const ceiling = Math.min(LAST_MS, FIRST_MS * 2 ** Math.min(failures, 10));
  return ceiling * (0.5 + Math.random() / 2);
}
