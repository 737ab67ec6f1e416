// What is being heard, as it is heard: the part of the conversation that is not a turn yet.

const MAX_SEGMENTS = 200; // shown; the oldest go first, the relay has them all
const UNSURE_BELOW = 0.6;

export class Captions {
  #turns = new Map(); // turn -> {finals: [{text, confidence}], partial: {text, confidence} | null}

  constructor(root) {
    this.root = root;
  }

  /** A `transcript`: a partial replaces the partial before it, a final ends it. */
  transcript({ turn, text, final, confidence = null }) {
    if (!this.#turns.has(turn)) this.#turns.set(turn, { finals: [], partial: null });
    const words = this.#turns.get(turn);
    words.partial = null;
    if (final) words.finals = [...words.finals, { text, confidence }].slice(-MAX_SEGMENTS);
    else if (text !== "") words.partial = { text, confidence };
    this.#render();
  }

  /** Turn `turn` is being answered, and all before it are. */
  settle(turn) {
    for (const known of this.#turns.keys()) if (known <= turn) this.#turns.delete(known);
    this.#render();
  }

  /** What was heard for good in `turn`. */
  text(turn) {
    return (this.#turns.get(turn)?.finals ?? []).map(({ text }) => text).join(" ");
  }

  /** The connection is gone: nothing will complete the partials. */
  disconnected() {
    for (const words of this.#turns.values()) words.partial = null;
    this.#render();
  }

  clear() {
    this.#turns.clear();
    this.#render();
  }

  #render() {
    const segments = [];
    for (const [, { finals, partial }] of [...this.#turns].sort(([a], [b]) => a - b)) {
      segments.push(...finals.map((final) => segment(final, true)));
      if (partial !== null) segments.push(segment(partial, false));
    }
    this.root.replaceChildren(...segments);
    this.root.hidden = segments.length === 0;
  }
}

function segment({ text, confidence }, final) {
  const unsure = confidence !== null && confidence < UNSURE_BELOW;
  const line = document.createElement("p");
  line.className = "caption";
  line.dataset.state = final ? "final" : "partial";
  line.classList.toggle("unsure", unsure);
  const label = document.createElement("span");
  label.className = "caption-label";
  label.textContent = final ? "✓ Heard" : "… Hearing";
  const words = document.createElement(final ? "span" : "em");
  words.className = "caption-words";
  words.textContent = text;
  line.append(label, words);
  if (confidence !== null) {
    const sure = document.createElement("span");
    sure.className = "confidence";
    const percent = `${Math.round(confidence * 100)} %`;
    sure.textContent = unsure ? `not sure, ${percent}` : percent;
    sure.title = `The speech engine's confidence: ${percent}`;
    line.append(sure);
  }
  return line;
}
