// Whom the person talks to. The address says it (`?assistant=bank`), else this tab, else this browser.

import { RELAYS_OWN } from "./assistants.js";
import { browserShelf, Compartments, tabShelf } from "./shelf.js";

const KEY = "voice-relay.assistant";
const FIELD = "assistant"; // of the address
const NAME = /^[\w.-]{0,80}$/;

class AssistantChoice {
  /** For what belongs to the conversation with the assistant that is chosen. */
  shelf = new Compartments(tabShelf);

  constructor() {
    const told = [new URLSearchParams(location.search).get(FIELD), tabShelf.get(KEY), browserShelf.get(KEY)];
    this.shelf.name = told.find((name) => name !== null && NAME.test(name)) ?? RELAYS_OWN;
  }

  get name() {
    return this.shelf.name;
  }

  /** Keeps it for this tab and for those to come; tabs that are open stay with theirs. */
  choose(name) {
    this.shelf.name = name;
    for (const shelf of [tabShelf, browserShelf]) shelf.set(KEY, name);
    const address = new URL(location.href);
    if (!address.searchParams.has(FIELD)) return;
    address.searchParams.delete(FIELD); // a reload would go back to it
    history.replaceState(history.state, "", address);
  }
}

export const assistant = new AssistantChoice();
