// The assistants that one can talk to, and what the page says of each. A deployment may have others: they go by their
// names alone, and it may not have all of these.

/** The choice that leaves it to the relay. */
export const RELAYS_OWN = "";

const PLAIN_TITLE = "What would you like to say?";

const KNOWN = {
  [RELAYS_OWN]: {
    label: "As this relay has it",
    short: "Assistant",
    note: "The diet coach, unless it is set up otherwise",
    title: PLAIN_TITLE,
    examples: [],
  },
  diet: {
    label: "Diet coach",
    note: "Writes down what you eat, and adds it up",
    title: "What did you eat?",
    examples: [
      "For breakfast I had two eggs and a slice of toast",
      "How much protein did I have today?",
      "Set my goal to 2000 calories",
    ],
  },
  bank: {
    label: "Bank",
    note: "Your balances and spending; asks for your bank token",
    title: "What about your money?",
    examples: [
      "What is my savings balance?",
      "How much did I spend on groceries last month?",
      "Are there any pending transactions?",
    ],
  },
  notes: {
    label: "Notes",
    note: "Reminders, to-dos and notes",
    title: "What should be remembered?",
    examples: [
      "Remind me tomorrow at nine to call the dentist",
      "Add milk to my to-do list",
      "What do I have to do?",
    ],
  },
  chat: {
    label: "Chat",
    note: "Talks about anything, where there is a language model",
    title: "What is on your mind?",
    examples: [
      "What can I cook with rice and spinach?",
      "Why is the sky blue?",
      "Help me to plan a quiet weekend",
    ],
  },
};

/** Names to choose from; `chosen` is among them, even if only its name is known. */
export function namesWith(chosen) {
  return [...new Set([...Object.keys(KNOWN), chosen])];
}

/** {label, short, note, title, examples} of the assistant `name`; `note` may be empty. */
export function described(name) {
  const known = Object.hasOwn(KNOWN, name) ? KNOWN[name] : { label: name, note: "", title: PLAIN_TITLE, examples: [] };
  return { short: known.label, ...known };
}
