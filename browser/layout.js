// What the stylesheets cannot do.

/** The newest words stay in sight, unless the person has scrolled back to read. */
export function followNewest(scroller) {
  let following = true;
  scroller.addEventListener("scroll", () => {
    following = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 80;
  }, { passive: true });
  const follow = () => following && scroller.scrollTo({ top: scroller.scrollHeight });
  new MutationObserver(follow).observe(scroller, { childList: true, subtree: true, characterData: true });
  new ResizeObserver(follow).observe(scroller);
}

/** Tells the stylesheets the height of `dock`: on a small screen the diary may be as high as that leaves it. */
export function tellHeight(dock) {
  new ResizeObserver(() => {
    document.documentElement.style.setProperty("--dock", `${dock.offsetHeight}px`);
  }).observe(dock);
}
