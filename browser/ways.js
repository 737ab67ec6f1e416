// The menu of all pages: each shows another way of talking to the relay.

import { element } from "./elements.js";

const WAYS = [
  ["./", "Conversation", "Speak or type; with the diary"],
  ["clients/diet.html", "Diet page", "Recordings as a browser makes them, typed messages, a summary"],
  ["clients/bank.html", "Bank page", "Socket.IO; the answer word by word"],
  ["clients/captions.html", "Live captions", "What is said as text, and no answer"],
  ["clients/answers.html", "Streamed answers", "Questions over a socket, or over HTTP where it fails"],
  ["clients/recorder.html", "Recorder", "Recordings that are kept as files"],
  ["clients/calls.html", "Telephone calls", "What is being said in calls"],
  ["clients/echo.html", "Echo", "Whether a connection works, and how fast"],
];

/** A menu in the bar, before `next`. The page that it stands on is marked. */
export function openWays(bar, next = null) {
  const details = element("details", "ways");
  details.dataset.testid = "ways";
  const summary = element("summary", "ways-open");
  summary.append(element("span", "ways-sign"), element("span", "ways-label", "More clients"));
  const nav = element("nav", "ways-list");
  nav.setAttribute("aria-label", "More clients");
  const list = element("ul");
  for (const [path, title, note] of WAYS) list.append(way(new URL(path, import.meta.url), title, note));
  nav.append(list);
  details.append(summary, nav);
  bar.insertBefore(details, next);

  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !details.open) return;
    event.stopPropagation();
    details.open = false;
    summary.focus();
  });
  document.addEventListener("pointerdown", ({ target }) => !details.contains(target) && (details.open = false));
  details.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget !== null && !details.contains(relatedTarget)) details.open = false;
  });
}

function way(url, title, note) {
  const line = element("li");
  const link = element("a");
  link.href = url.href;
  const here = location.pathname.replace(/index\.html$/, "");
  if (here === url.pathname) link.setAttribute("aria-current", "page");
  link.append(element("span", "ways-title", title), element("span", "ways-note", note));
  line.append(link);
  return line;
}
