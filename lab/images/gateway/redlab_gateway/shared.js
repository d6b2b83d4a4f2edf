"use strict";
// What the System Health page and the live view of `redlab watch` share. It is part of the script of both pages.
const element = (id) => document.getElementById(id);

// The server answered, and its answer is an error.
class Refused extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}
// Returns the JSON document of the answer. Throws Refused for an error, another Error when no whole answer comes in time.
async function request(method, path, headers, body, milliseconds) {
  const signal = AbortSignal.timeout(milliseconds);
  const options = { method, headers, signal, body: body && JSON.stringify(body) };
  const answer = await fetch(path, options);
  if (answer.ok) return await answer.json();
  const { error } = await answer.json().catch(() => ({ error: "answer " + answer.status }));
  throw new Refused(error, answer.status);
}
function made(tag, text, className) {
  const node = document.createElement(tag);
  node.textContent = text;
  if (className) node.className = className;
  return node;
}
// Changes only what differs: a text that stays is not read aloud again.
function put(id, text, className) {
  const node = typeof id === "string" ? element(id) : id;
  if (node.textContent !== text) node.textContent = text;
  if (className !== undefined && node.className !== className) node.className = className;
}
// Asks in the page's dialog; "Cancel" and the Escape key mean no.
function confirmed(question) {
  const dialog = element("confirm");
  put("question", question);
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) =>
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }),
  );
}
for (const answer of ["no", "yes"]) element(answer).addEventListener("click", () => element("confirm").close(answer));
