// The rest of the page: copying, printing, and links into the timeline.
(() => {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const source = document.getElementById(button.dataset.copy);
      getSelection().selectAllChildren(source);
      let copied = false;
      try {
        await navigator.clipboard.writeText(source.textContent);
        copied = true;
      } catch {
        copied = document.execCommand("copy"); // a page opened from disk may have no clipboard
      }
      button.textContent = copied ? "Copied" : "Selected: press Ctrl+C";
      setTimeout(() => { button.textContent = "Copy"; }, 2500);
    });
  }

  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")];
    for (const d of opened) d.open = true;
  });
  addEventListener("afterprint", () => { for (const d of opened) d.open = false; });

  startTimeline().then((timeline) => {
    if (!timeline) return;
    for (const link of document.querySelectorAll("a[data-witness]")) {
      link.addEventListener("click", () => timeline.showWitness(link.dataset.witness));
    }
    for (const link of document.querySelectorAll("a[data-op]")) {
      link.addEventListener("click", () => timeline.showOp(Number(link.dataset.op)));
    }
  }).catch((problem) => {
    const note = document.createElement("p");
    note.className = "note";
    note.textContent = `This browser could not draw the timeline (${problem}). The rest of the page is complete.`;
    document.getElementById("timeline-box").replaceChildren(note);
  });
})();
