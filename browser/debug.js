// `?debug`: each message to the console and into a list on the page.

const MAX_SHOWN = 200;
const MAX_TEXT = 60; // of a text field; audio would fill the page

export function openLog(panel, list) {
  panel.hidden = false;
  return (direction, message) => {
    console.debug(direction, withoutSecrets(message));
    const line = document.createElement("li");
    line.dataset.direction = direction;
    const time = new Date().toISOString().slice(11, 23);
    line.textContent = `${time} ${direction === "sent" ? "→" : "←"} ${JSON.stringify(message, shorten)}`;
    list.prepend(line);
    while (list.childElementCount > MAX_SHOWN) list.lastElementChild.remove();
  };
}

const SECRETS = new Set(["resume_token", "token", "credentials"]);

function withoutSecrets(message) {
  return Object.fromEntries(Object.entries(message).map(([key, value]) => [key, SECRETS.has(key) ? "…" : value]));
}

/** For `JSON.stringify`: without secrets, and with long texts cut. */
export function shorten(key, value) {
  if (SECRETS.has(key)) return "…";
  if (typeof value !== "string" || value.length <= MAX_TEXT) return value;
  return `${value.slice(0, MAX_TEXT)}… (${value.length} characters)`;
}
