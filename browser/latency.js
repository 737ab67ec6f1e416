// How long the last answer took, in one line; its title lists the stages.

/** `stages` are milliseconds by name; `total` is the whole where it is given, else their sum. */
export function showLatency(line, { turn, stages }) {
  const { total, ...parts } = stages;
  const whole = total ?? Object.values(parts).reduce((sum, part) => sum + part, 0);
  const label = document.createElement("span");
  label.className = "latency-label";
  label.textContent = "Answered in ";
  line.replaceChildren(label, `${(whole / 1000).toFixed(1)} s`);
  const listed = Object.entries(parts).map(([stage, ms]) => `${stage.replaceAll("_", " ")}: ${Math.round(ms)} ms`);
  line.title = [`Turn ${turn}`, ...listed].join("\n");
  line.hidden = false;
}
