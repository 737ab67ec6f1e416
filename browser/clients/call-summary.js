// What a call comes down to: its key points, what is to be done, what was left open.

import { element } from "../elements.js";

const KINDS = { reminder: "Reminder", todo: "To-do", promise: "Promised", request: "Asked for" };

export function fillSummary(root, { keyPoints, actionItems, openQuestions }) {
  const parts = [
    part("To do", actionItems, actionItem),
    part("Key points", keyPoints, (text) => element("li", "", text)),
    part("Left open", openQuestions, (text) => element("li", "", text)),
  ].filter((made) => made !== null);
  const empty = element("p", "hint", "There is nothing to sum up.");
  root.replaceChildren(element("h3", "", "Summary"), ...(parts.length > 0 ? parts : [empty]));
}

function part(title, each, line) {
  if (each.length === 0) return null;
  const list = element("ul");
  list.append(...each.map(line));
  const made = element("div", "summary-part");
  made.append(element("h4", "", title), list);
  return made;
}

function actionItem({ text, kind, answer }) {
  const made = element("li", "action-item");
  made.append(element("span", "action-words", text), " ", element("span", "action-kind", KINDS[kind] ?? kind));
  if (answer !== undefined) made.append(element("p", "hint", answer));
  return made;
}
