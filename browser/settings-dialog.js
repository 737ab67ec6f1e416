// The small settings dialog. It knows the form, not what becomes of it.

export class SettingsDialog {
  #open;
  #token;

  /**
   * `name()` and `token()` give what is set, `token` null for none; `onSave(name, token)`, with an empty text for what
   * is to be forgotten, and `onNewConversation()` when the person chooses.
   */
  constructor(dialog, opener, { name, token, onSave, onNewConversation }) {
    const field = dialog.querySelector("#name");
    this.#token = dialog.querySelector("#token");
    this.#open = (first) => {
      field.value = name();
      this.#token.value = token() ?? "";
      dialog.returnValue = "cancel";
      dialog.showModal();
      first.focus();
    };
    opener.addEventListener("click", () => this.#open(field));
    // Enter in a field presses the first submit button, which is not the one that is meant.
    dialog.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.target.localName !== "input") return;
      event.preventDefault();
      dialog.querySelector("form").requestSubmit(dialog.querySelector("[value=save]"));
    });
    dialog.addEventListener("close", () => {
      if (dialog.returnValue === "save") onSave(field.value.trim(), this.#token.value);
      if (dialog.returnValue === "new") onNewConversation();
      this.#token.value = "";
      opener.focus();
    });
  }

  /** Opens it where the token is entered. */
  askToken() {
    this.#open(this.#token);
    this.#token.select();
  }
}
