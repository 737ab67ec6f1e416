// Where the bank's access token is entered, and forgotten.

import { bankToken } from "./bank-token.js";
import { button, element, write } from "./elements.js";

const GIVEN = "Your bank token is in use until you close or reload this page.";
const NO_TOKEN = "That is no token: it is one word, without spaces.";
const INSECURE = "Open this page at an https:// address or at localhost. From here others could read it on its way.";

/** Fills the form `root`. Once there is a token, the focus goes on to `next`. */
export function openBankTokenForm(root, next) {
  const field = element("input");
  Object.assign(field, { id: "bank-token", type: "password", autocomplete: "off", spellcheck: false });
  field.setAttribute("autocapitalize", "off");
  field.setAttribute("aria-describedby", "bank-token-problem bank-token-hint");
  field.dataset.testid = "bank-token";
  const label = element("label", "", "Your bank token");
  label.htmlFor = field.id;
  const use = element("button", "main-button", "Use");
  const line = element("div", "bank-token-line");
  line.append(field, use);
  const problem = element("p", "bank-token-problem");
  problem.id = "bank-token-problem";
  problem.setAttribute("role", "alert");
  problem.setAttribute("aria-label", "Problem with the bank token");
  const asking = element("div");
  asking.append(label, line, problem, hint());

  const given = element("div", "bank-token-given");
  const words = element("p");
  words.setAttribute("role", "status");
  words.setAttribute("aria-label", "Use of the bank token");
  const forget = button("quiet-button", "Forget it", () => {
    bankToken.set("");
    field.focus();
  });
  given.append(words, forget);
  root.replaceChildren(asking, given);

  function show() {
    const secure = window.isSecureContext;
    root.dataset.given = bankToken.given;
    asking.hidden = bankToken.given;
    forget.hidden = !bankToken.given;
    write(words, bankToken.given ? GIVEN : "");
    write(problem, secure ? bankToken.refusal : INSECURE);
    field.disabled = use.disabled = !secure;
  }

  root.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = field.value;
    field.value = ""; // at once, so that nothing offers to keep it
    if (text.trim() === "" || !bankToken.set(text)) write(problem, NO_TOKEN);
    else next.focus();
  });
  bankToken.onChange(show);
  show();
}

function hint() {
  const where = element("a", "", "api.up.com.au");
  Object.assign(where, { href: "https://api.up.com.au/", target: "_blank", rel: "noopener noreferrer" });
  const words = element("p", "hint");
  words.id = "bank-token-hint";
  words.append(
    "Get a personal access token at ", where,
    ". This page keeps it in memory alone: it is forgotten when you close or reload the page.",
  );
  return words;
}
