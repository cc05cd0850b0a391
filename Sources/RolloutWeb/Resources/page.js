// Keeps a page up to date. Everything on it can be read without this.
"use strict";

const shapes = {
  w: ["·", "waiting"], p: ["»", "pushing"], v: ["≈", "verifying over a fresh session"], c: ["✓", "confirmed"],
  b: ["«", "being put back"], r: ["↩", "put back, verified"], f: ["✕", "failed, as it was"], u: ["?", "unknown"],
};
const mostEvents = 200;

function span(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${seconds % 60}s`;
  if (seconds < 172800) return `${Math.floor(seconds / 3600)}h ${Math.floor(seconds / 60) % 60}m`;
  return `${Math.floor(seconds / 86400)}d ${Math.floor(seconds / 3600) % 24}h`;
}

function count() {
  for (const time of document.querySelectorAll("time.count")) {
    const text = span(Math.abs(Number(time.dataset.at) - Date.now()));
    if (time.textContent !== text) time.textContent = text;
  }
}

function follow(address) {
  const cells = Array.from(document.querySelectorAll(".cells .d"));
  const names = cells.map((cell) => cell.title.slice(0, cell.title.lastIndexOf(": ")));
  const letters = cells.map((cell) => cell.className.slice(-1));
  const badge = document.getElementById("live");
  const list = document.getElementById("events");

  function show(number, letter) {
    const cell = cells[number];
    if (!cell || !shapes[letter] || letters[number] === letter) return;
    letters[number] = letter;
    cell.className = `d ${letter}`;
    cell.firstChild.data = shapes[letter][0];
    cell.title = `${names[number]}: ${shapes[letter][1]}`;
  }

  const source = new EventSource(address);
  source.addEventListener("update", (event) => {
    const update = JSON.parse(event.data);
    for (const [name, markup] of Object.entries(update.parts)) {
      const part = document.getElementById(name);
      // The server escaped what is in it; a part that a reader has open stays open.
      if (part && part.innerHTML !== markup) part.innerHTML = markup;
    }
    if (update.letters) for (let number = 0; number < update.letters.length; number += 1) show(number, update.letters[number]);
    for (const [number, letter] of update.devices) show(Number(number), letter);
    for (const markup of update.events) {
      const holder = document.createElement("ol");
      holder.innerHTML = markup;
      const item = holder.firstElementChild;
      if (item && list && !document.getElementById(item.id)) list.prepend(item);
    }
    while (list && list.childElementCount > mostEvents) list.lastElementChild.remove();
    count();
    document.body.dataset.seen = event.lastEventId;
  });
  source.onopen = () => { badge.textContent = "live"; badge.className = "quiet"; };
  source.onerror = () => { badge.textContent = `not connected since ${new Date().toLocaleTimeString()}`; badge.className = "lost"; };
}

count();
setInterval(count, 1000);
if (document.body.dataset.live) follow(document.body.dataset.live);
