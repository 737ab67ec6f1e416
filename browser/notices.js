// What concerns no single turn: what happened and what can be done about it.

import { button } from "./elements.js";

const MAX_SHOWN = 3;

const ADVICE = {
  at_capacity: "The page tries again by itself.",
  speech_at_capacity: "You can type meanwhile.",
  stt_unavailable: "You can type meanwhile.",
  stt_refused: "You can type meanwhile.",
  stt_limit: "You can type meanwhile.",
  stt_timeout: "You can type meanwhile.",
  bad_audio: "Stop and start the recording. If it comes back, reload the page.",
  message_too_large: "Please send it in shorter pieces.",
  version_mismatch: "Reload the page to get its newest version.",
  malformed_message: "Reload the page to get its newest version.",
  unknown_type: "Reload the page to get its newest version.",
  internal_error: "Please try again; if it comes back, reload the page.",
};

export class Notices {
  constructor(root) {
    this.root = root;
  }

  /** Shows an `error` message. The same code replaces its earlier notice. */
  error({ code, message }) {
    this.show(code, ADVICE[code] === undefined ? message : `${message} ${ADVICE[code]}`, "alert");
  }

  /** `action` {label, onClick} is offered beside the words; either click ends the notice. */
  show(code, text, role = "status", action = null) {
    this.remove(code);
    const notice = document.createElement("div");
    notice.className = "notice";
    notice.dataset.code = code;
    notice.setAttribute("role", role);
    const words = document.createElement("p");
    const close = document.createElement("button");
    close.type = "button";
    close.className = "icon-button";
    close.textContent = "×";
    close.setAttribute("aria-label", "Dismiss");
    close.addEventListener("click", () => notice.remove());
    notice.append(words);
    if (action !== null) {
      notice.append(button("quiet-button", action.label, () => {
        notice.remove();
        action.onClick();
      }));
    }
    notice.append(close);
    this.root.append(notice);
    words.textContent = text; // after it is in the page, so that it is read out
    while (this.root.childElementCount > MAX_SHOWN) this.root.firstElementChild.remove();
  }

  clear() {
    this.root.replaceChildren();
  }

  remove(...codes) {
    for (const notice of [...this.root.children]) if (codes.includes(notice.dataset.code)) notice.remove();
  }
}
