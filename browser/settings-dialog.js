// The small settings dialog. It knows the form, not what becomes of it.

export class SettingsDialog {
  /** `name()` gives what is set; `onSave(name)` and `onNewConversation()` when the person chooses. */
  constructor(dialog, opener, { name, onSave, onNewConversation }) {
    const field = dialog.querySelector("#name");
    opener.addEventListener("click", () => {
      field.value = name();
      dialog.returnValue = "cancel";
      dialog.showModal();
      field.focus();
    });
    // Enter in a field presses the first submit button, which is not the one that is meant.
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      dialog.close("save");
    });
    dialog.addEventListener("close", () => {
      if (dialog.returnValue === "save") onSave(field.value.trim());
      if (dialog.returnValue === "new") onNewConversation();
      opener.focus();
    });
  }
}
