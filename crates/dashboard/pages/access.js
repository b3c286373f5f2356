// The forms of set-up, invitation and reset. The token stands behind the # of the address, which
// no server sees until it is sent in a body.
"use strict";

const token = location.hash.slice(1);
const statusLine = document.querySelector(".status");

for (const it of document.querySelectorAll("[data-needs=token]")) it.hidden = token === "";
for (const it of document.querySelectorAll("[data-without=token]")) it.hidden = token !== "";
// Another link pasted into the same tab changes only the part behind the #.
addEventListener("hashchange", () => location.reload());

for (const form of document.querySelectorAll("form")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    send(form).finally(() => button.removeAttribute("aria-disabled"));
  });
}
document.querySelector("form:not([hidden]) input")?.focus();

async function send(form) {
  clear(form);
  const body = Object.fromEntries(new FormData(form));
  if (form.dataset.needs === "token") body.token = token;
  let response, answer;
  try {
    response = await fetch(form.dataset.action, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    answer = await response.json();
  } catch {
    say("The server could not be reached. Please try again.");
    return;
  }
  if (response.ok) {
    form.hidden = true;
    history.replaceState(null, "", location.pathname);
    say(form.dataset.done);
  } else if (response.status === 404) {
    say("This link was used already or is too old. Ask for a new one.");
  } else {
    explain(form, answer);
  }
}

function explain(form, answer) {
  let first = null;
  for (const { field, message } of answer.details ?? []) {
    const input = form.elements.namedItem(field);
    if (!input) continue;
    const note = document.createElement("p");
    note.className = "wrong";
    note.id = `${field}-wrong`;
    note.textContent = `${message[0].toUpperCase()}${message.slice(1)}.`;
    input.after(note);
    input.setAttribute("aria-invalid", "true");
    input.dataset.describedBefore = input.getAttribute("aria-describedby") ?? "";
    input.setAttribute("aria-describedby", `${note.id} ${input.dataset.describedBefore}`.trim());
    first ??= input;
  }
  if (first) first.focus();
  else say(answer.error ?? "Something went wrong. Please try again.");
}

function clear(form) {
  statusLine.textContent = "";
  for (const note of form.querySelectorAll(".wrong")) note.remove();
  for (const input of form.querySelectorAll("[aria-invalid]")) {
    input.removeAttribute("aria-invalid");
    if (input.dataset.describedBefore) {
      input.setAttribute("aria-describedby", input.dataset.describedBefore);
    } else {
      input.removeAttribute("aria-describedby");
    }
  }
}

function say(text) {
  statusLine.textContent = text;
  statusLine.focus();
}
