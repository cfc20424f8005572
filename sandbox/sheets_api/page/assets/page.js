"use strict";
const tip = document.querySelector(".tip");
const place = document.querySelector(".place");
const entered = document.querySelector(".entered");
const choices = document.querySelector(".offer");
let selected = null;

function current() {
  const match = /gid=(\d+)/.exec(location.hash);
  const sheet = match && document.getElementById("sheet-" + match[1]);
  return sheet || document.querySelector(".sheet");
}

function showSheet() {
  const sheet = current();
  for (const each of document.querySelectorAll(".sheet")) each.hidden = each !== sheet;
  for (const tab of document.querySelectorAll(".tab")) {
    const on = tab.dataset.gid === sheet.dataset.gid;
    tab.classList.toggle("on", on);
    tab.setAttribute("aria-selected", on);
    if (on) tab.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  stick(sheet);
  select(sheet.querySelector("tbody td"));
}

// Sticky offsets follow what is really there: an opened group, a row that its text has stretched.
function stick(sheet) {
  const grid = sheet.querySelector(".grid");
  const head = grid.querySelector("thead").offsetHeight;
  let top = head;
  for (const row of grid.querySelectorAll("tbody tr:has(td.fr)")) {
    grid.style.setProperty("--t" + row.dataset.r, top + "px");
    top += row.offsetHeight;
  }
  let left = parseFloat(getComputedStyle(grid).getPropertyValue("--left"));
  for (const letter of grid.querySelectorAll("th.ch.fz")) {
    grid.style.setProperty("--l" + columnOf(letter), left + "px");
    left += letter.offsetWidth;
  }
}

function columnOf(cell) {
  return [...cell.classList].find((name) => /^c\d+$/.test(name)).slice(1);
}

function select(cell) {
  if (!cell) return;
  const sheet = cell.closest(".sheet");
  for (const old of document.querySelectorAll(".sel, th.on")) old.classList.remove("sel", "on");
  selected = cell;
  cell.classList.add("sel");
  const letter = sheet.querySelector("th.ch.c" + columnOf(cell));
  const number = cell.parentElement.querySelector(".rh");
  letter.classList.add("on");
  number.classList.add("on");
  place.textContent = letter.textContent + number.textContent;
  const text = cell.querySelector(":scope > .t");
  entered.textContent = cell.dataset.v || (text ? text.textContent : "");
}

function move(down, along) {
  if (!selected) return;
  let next = selected;
  if (along) {
    do next = along > 0 ? next.nextElementSibling : next.previousElementSibling;
    while (next && (next.hidden || next.tagName !== "TD"));
  } else {
    const column = ".c" + columnOf(selected);
    let row = selected.parentElement;
    do {
      row = down > 0 ? row.nextElementSibling : row.previousElementSibling;
      next = row && row.querySelector("td" + column);
    } while (row && (row.hidden || !next));
  }
  if (next && next.tagName === "TD") {
    select(next);
    next.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}

function toggle(button) {
  const sheet = button.closest(".sheet");
  const open = button.getAttribute("aria-expanded") !== "true";
  button.setAttribute("aria-expanded", open);
  button.textContent = open ? "−" : "+";
  button.title = (open ? "Collapse" : "Expand") + " group";
  let change = 0;
  for (let at = +button.dataset.start; at < +button.dataset.end; at++) {
    if (button.dataset.dimension === "ROWS") {
      const row = sheet.querySelector(`tr[data-r="${at}"]`);
      if (row) row.hidden = !open;
    } else {
      const parts = sheet.querySelectorAll(".c" + at);
      if (parts.length && parts[0].hidden === open) {
        change += parseInt(parts[0].style.width) * (open ? 1 : -1);
        for (const part of parts) part.hidden = !open;
      }
    }
  }
  const table = sheet.querySelector("table");
  table.style.width = parseInt(table.style.width) + change + "px";
  stick(sheet);
}

// A page that was saved has nobody to tell what is chosen.
document.body.classList.toggle("still", location.protocol === "file:");

function offer(button) {
  const sheet = button.closest(".sheet");
  const texts = JSON.parse(sheet.querySelector(".lists").textContent)[button.dataset.list];
  const cell = button.closest("td");
  choices.replaceChildren(
    ...texts.map((text) => {
      const item = document.createElement("li");
      item.setAttribute("role", "option");
      item.tabIndex = 0;
      item.textContent = text;
      item.addEventListener("click", () => choose(sheet, cell, text));
      item.addEventListener("keydown", (event) => event.key === "Enter" && choose(sheet, cell, text));
      return item;
    }),
  );
  choices.hidden = false;
  const at = cell.getBoundingClientRect();
  choices.style.left = Math.max(Math.min(at.left, innerWidth - choices.offsetWidth - 8), 4) + "px";
  choices.style.top = Math.max(Math.min(at.bottom, innerHeight - choices.offsetHeight - 8), 4) + "px";
}

async function choose(sheet, cell, text) {
  choices.hidden = true;
  const at = { sheetId: +sheet.dataset.gid, row: +cell.parentElement.dataset.r, column: +columnOf(cell), text };
  const address = location.pathname.replace(/edit$/, "choose");
  const answer = await fetch(address, { method: "POST", body: JSON.stringify(at) });
  if (answer.ok) {
    location.hash = "gid=" + sheet.dataset.gid;
    location.reload();
  }
}

function showNote(cell) {
  tip.textContent = cell.dataset.note;
  tip.hidden = false;
  const at = cell.getBoundingClientRect();
  const left = at.right + 6 + tip.offsetWidth < innerWidth ? at.right + 6 : Math.max(at.left - tip.offsetWidth - 6, 4);
  tip.style.left = left + "px";
  tip.style.top = Math.max(Math.min(at.top, innerHeight - tip.offsetHeight - 8), 4) + "px";
}

document.addEventListener("click", (event) => {
  const button = event.target.closest(".toggle");
  if (button) return toggle(button);
  const list = event.target.closest(".open");
  if (list) return offer(list);
  choices.hidden = true;
  if (event.target.closest("a, .chart")) return;
  select(event.target.closest("tbody td"));
});
document.addEventListener("mouseover", (event) => {
  const cell = event.target.closest(".chart") ? null : event.target.closest("td.note");
  if (cell) showNote(cell);
  else tip.hidden = true;
});
document.addEventListener("keydown", (event) => {
  const ways = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] };
  if (!ways[event.key] || event.metaKey || event.ctrlKey || event.altKey) return;
  choices.hidden = true;
  event.preventDefault();
  move(...ways[event.key]);
});
for (const grid of document.querySelectorAll(".grid")) {
  grid.addEventListener("scroll", () => {
    grid.classList.toggle("scrolled-x", grid.scrollLeft > 0);
    tip.hidden = true;
  });
}
addEventListener("hashchange", showSheet);
showSheet();
