// A menu in the bar: a button that opens a panel, which goes away as such a thing does.

import { element } from "./elements.js";

/** `face` are the nodes on the button; `label` is what the panel is called. Gives {root, opener, list, close}. */
export function makeMenu(name, label, face) {
  const root = element("details", `menu ${name}`);
  root.dataset.testid = name;
  const opener = element("summary", "menu-open");
  opener.id = `open-${name}`;
  opener.append(...face);
  const nav = element("nav", "menu-panel");
  nav.setAttribute("aria-label", label);
  const list = element("ul");
  nav.append(list);
  root.append(opener, nav);

  /** The focus goes back to the button, if it was inside. */
  function close() {
    const inside = root.contains(document.activeElement);
    root.open = false;
    if (inside) opener.focus();
  }

  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !root.open) return;
    event.stopPropagation();
    close();
  });
  document.addEventListener("pointerdown", ({ target }) => !root.contains(target) && (root.open = false));
  root.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget !== null && !root.contains(relatedTarget)) root.open = false;
  });
  return { root, opener, list, close };
}

/** Makes `node`, a link or a button, a line of a menu. */
export function menuLine(node, title, note) {
  node.append(element("span", "menu-title", title));
  if (note !== "") node.append(element("span", "menu-note", note));
  const line = element("li");
  line.append(node);
  return line;
}
