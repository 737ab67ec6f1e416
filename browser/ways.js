// The menu of all pages: each shows another way of talking to the relay.

import { element } from "./elements.js";
import { makeMenu, menuLine } from "./menu.js";

const WAYS = [
  ["./", "Conversation", "Speak or type, with whom you choose: diet coach, bank, notes, chat"],
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
  const face = [element("span", "menu-sign"), element("span", "menu-label", "More clients")];
  const { root, list } = makeMenu("ways", "More clients", face);
  for (const [path, title, note] of WAYS) list.append(way(new URL(path, import.meta.url), title, note));
  bar.insertBefore(root, next);
}

function way(url, title, note) {
  const link = element("a");
  link.href = url.href;
  const here = location.pathname.replace(/index\.html$/, "");
  if (here === url.pathname) link.setAttribute("aria-current", "page");
  return menuLine(link, title, note);
}
