// How far a change by hand has got: being saved, waiting, or why it failed and what can be done about that.

import { button, element } from "./elements.js";

/**
 * `onChange`, if given, lets the person alter what was refused. `online` is whether there is a connection at all.
 */
export function actionNote(entry, online, { onAgain, onDiscard, onChange = null }) {
  const failed = entry.state === "failed";
  const root = element("div", failed ? "action-note failed" : "action-note");
  root.dataset.action = entry.name;
  root.dataset.state = failed ? "failed" : online ? "pending" : "waiting";
  if (failed) {
    root.setAttribute("role", "alert");
    root.append(element("p", "", `${entry.label} did not work. ${entry.problem}`));
    const buttons = element("div", "note-buttons");
    if (entry.retryable) buttons.append(button("quiet-button", "Try again", () => onAgain(entry)));
    if (onChange !== null) buttons.append(button("quiet-button", "Change", () => onChange(entry)));
    buttons.append(button("quiet-button", "Discard", () => onDiscard(entry)));
    root.append(buttons);
  } else if (online) {
    root.append(element("p", "", entry.state === "away" ? `${entry.label}: waiting for the assistant.` : `${entry.label} …`));
  } else {
    root.append(element("p", "", `${entry.label}: waiting for the connection.`));
    // Once sent, it may be done already: then there is only undo.
    if (!entry.tried) root.append(button("quiet-button", "Cancel", () => onDiscard(entry)));
  }
  return root;
}

/** Changes only when what is shown does, so that a note is not made anew under somebody's finger. */
export function noteKey(entries, online) {
  return JSON.stringify([online, entries.map(({ id, state, problem, tried }) => [id, state, problem, tried])]);
}
