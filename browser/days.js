// Days as the diary names them: YYYY-MM-DD, in the person's own time zone.

/** The date of now. Swedish writes dates as ISO 8601 does. */
function localDate() {
  return new Date().toLocaleDateString("sv");
}

function dateOf(day) {
  const [year, month, date] = day.split("-").map(Number);
  return new Date(year, month - 1, date, 12);
}

/** Today as the receiver knows it, from the week that ends with it, or the day after when midnight has passed since. */
export function todayOf(week) {
  const told = week.at(-1)?.date;
  if (told === undefined) return localDate();
  const next = dateOf(told);
  next.setDate(next.getDate() + 1);
  return next.toLocaleDateString("sv") === localDate() ? localDate() : told;
}

/** "Today", or "Tue, Feb 3". */
export function shortDay(day, today) {
  if (day === today) return "Today";
  return dateOf(day).toLocaleDateString(undefined, { weekday: "short", day: "numeric", month: "short" });
}

/** "Tuesday, February 3". */
export function longDay(day) {
  return dateOf(day).toLocaleDateString(undefined, { weekday: "long", day: "numeric", month: "long" });
}

/** "Tue". */
export function weekday(day) {
  return dateOf(day).toLocaleDateString(undefined, { weekday: "short" });
}
