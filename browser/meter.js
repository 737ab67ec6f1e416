// The level meter. With reduced motion it changes in coarse steps, twice a second.

const FLOOR_DB = -50;
const STEADY_MS = 500;
const STEPS = 4;

export class Meter {
  #steady = window.matchMedia("(prefers-reduced-motion: reduce)");
  #shownAt = 0;

  constructor(root) {
    this.root = root;
  }

  /** `peak` in [0, 1], about ten times a second; 0 is shown at once. */
  show(peak) {
    let level = peak <= 0 ? 0 : Math.max(0, 1 - (20 * Math.log10(peak)) / FLOOR_DB);
    if (this.#steady.matches && level > 0) {
      const now = performance.now();
      if (now - this.#shownAt < STEADY_MS) return;
      this.#shownAt = now;
      level = Math.ceil(level * STEPS) / STEPS;
    }
    this.root.style.setProperty("--level", level.toFixed(2));
  }
}
