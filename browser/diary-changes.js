// Changes of the diary by hand: from the click to what the person is told about it.

import { Actions } from "./actions.js";
import { Diary } from "./diary.js";
import { saveExport } from "./diary-export.js";
import { GoalDialog } from "./goal-dialog.js";

const OFFER = "deleted"; // the notice that offers to undo a deletion
const NOTHING_LEFT = "nothing_left";

/** The diary in `panel` and its actions. `send(message)` says whether it went out, `online()` whether one could. */
export function openDiary({ panel, dialog, shelf, send, online, notices }) {
  const said = panel.querySelector('[data-part="said"]');
  const say = (text) => (said.textContent = text);

  const actions = new Actions(shelf, { send, onDone, onChange: () => diary.render() });
  const goals = new GoalDialog(dialog, { onSave: (goal) => perform("goal", goal, "Saving the goal") });
  const diary = new Diary(panel, { actions, online, perform, setGoal: (goal, opener) => goals.open(goal, opener) });

  function perform(name, args, label) {
    if (name !== "show" && name !== "export") withdrawOffer();
    if (actions.perform(name, args, label)) return true;
    notices.show("actions_full", "Too many changes wait already. Please wait until they are saved.", "alert");
    return false;
  }

  /** Undo takes back the latest change: once there is a later one, the offer would undo that. */
  function withdrawOffer() {
    notices.remove(OFFER, NOTHING_LEFT);
  }

  function undoAndStay() {
    diary.undo();
    panel.querySelector('[data-part="undo"]').focus(); // the button with the focus has gone
  }

  function onDone({ name, label }, message) {
    switch (name) {
      case "edit":
      case "goal":
        say("Saved.");
        break;
      case "delete":
        notices.show(OFFER, `${label.replace("Deleting", "Deleted")}.`, "status", { label: "Undo", onClick: undoAndStay });
        break;
      case "undo": {
        const before = diary.contents;
        diary.afterNext(() => {
          if (diary.contents !== before) say("Undone.");
          else notices.show(NOTHING_LEFT, "There is nothing to undo.");
        });
        break;
      }
      case "export":
        if (saveExport(message.export)) say("The file was saved.");
        else notices.show("export", "The assistant sent no file. It may be an older version.", "alert");
        break;
      default: // `show`: the day itself says it
    }
  }

  function leaveDiary() {
    withdrawOffer();
    const lost = actions.leave();
    const labels = lost.map(({ label }) => label).join(", ");
    if (lost.length > 0) notices.show("actions_lost", `Not done, as that conversation has ended: ${labels}.`);
    diary.reset();
  }

  document.addEventListener("keydown", (event) => {
    const undo = event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
    if (!undo || panel.hidden || event.target.closest("input, textarea, select, dialog")) return;
    event.preventDefault();
    diary.undo();
  });

  return { actions, diary, leaveDiary, withdrawOffer };
}
