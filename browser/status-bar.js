// Shows the state of the page, the seconds to the next try, and the one thing that can be done about it.

export class StatusBar {
  #countdown = null;

  /** `onAction(id)`; `fallback` takes the focus when the button with the focus goes away. */
  constructor({ root, title, hint, countdown, action }, { onAction, fallback }) {
    Object.assign(this, { root, title, hint, countdown, action, fallback });
    action.addEventListener("click", () => onAction(action.dataset.action));
  }

  show({ key, tone, title, hint, action }, retryAt) {
    this.root.dataset.state = key;
    this.root.dataset.tone = tone;
    // Written only when changed: each writing may be read out.
    if (this.title.textContent !== title) this.title.textContent = title;
    if (this.hint.textContent !== hint) this.hint.textContent = hint;
    this.#offer(action);
    this.#count(retryAt);
  }

  #offer(action) {
    const focused = document.activeElement === this.action;
    this.action.hidden = action === null;
    if (action !== null) {
      this.action.dataset.action = action.id;
      this.action.textContent = action.label;
    } else {
      delete this.action.dataset.action;
      if (focused) this.fallback.focus();
    }
  }

  // Outside of the live region, so that nobody hears the seconds counted.
  #count(retryAt) {
    clearInterval(this.#countdown);
    this.countdown.hidden = retryAt === null;
    if (retryAt === null) return;
    const tick = () => {
      const seconds = Math.max(0, Math.ceil((retryAt - Date.now()) / 1000));
      this.countdown.textContent = `Trying again in ${seconds} s.`;
    };
    tick();
    this.#countdown = setInterval(tick, 500);
  }
}
