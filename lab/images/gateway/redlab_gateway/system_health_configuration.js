// The instance's configuration and the alerts that fired, through the management API.
const EXAMPLES = {
  alert: '{"collector": "*", "field": "status", "equals": "failed", "severity": "critical"}',
  downtime: '{"collector": "*", "from": "2026-01-31T22:00:00Z", "to": "2026-02-01T02:00:00Z"}',
};
const CONFIGURATION_EVERY = 3; // looks
const FIRED_SHOWN = 10;
let looks = 0,
  changing = false,
  contents = new Map();

const place = (kind, name) => "configuration/" + encodeURIComponent(kind) + "/" + encodeURIComponent(name);
const inOneLine = (content) => JSON.stringify(content, null, 1).replace(/\n\s*/g, " ");
const moment = (text) => new Date(text).toLocaleString();
function button(text, label, deed) {
  const node = made("button", text);
  node.type = "button";
  node.setAttribute("aria-label", label);
  node.addEventListener("click", deed);
  return node;
}
function itemDeeds(item) {
  const cell = document.createElement("td"),
    title = item.kind + " " + item.label;
  cell.append(
    button("Change …", "Change " + title + " …", () => edit(item.kind, item.label, contents.get(item.name))),
    " ",
    button("Delete …", "Delete " + title + " …", () =>
      act("Delete " + title + "?", async () => {
        await call("DELETE", place(item.kind, item.label));
        await lookAtConfiguration();
      }),
    ),
  );
  return cell;
}
function edit(kind, name, content) {
  changing = content !== undefined;
  element("item-kind").value = kind;
  element("item-name").value = name;
  element("item-kind").disabled = element("item-name").readOnly = changing;
  element("item-content").value = changing ? JSON.stringify(content, null, 1) : EXAMPLES[kind] || "{}";
  put("item-problem", "");
  element("item").showModal();
}
// Rows keep their place; they move only when the order has changed.
function inOrder(body, items) {
  const names = items.map((item) => item.name),
    shown = [...element(body).children];
  if (shown.every((row, index) => row.dataset.name === names[index])) return;
  const of = new Map(shown.map((row) => [row.dataset.name, row]));
  element(body).append(...names.map((name) => of.get(name)));
}
function showConfiguration({ kinds, items }) {
  if (!element("item-kind").options.length) element("item-kind").append(...kinds.map((kind) => new Option(kind, kind)));
  // Several kinds may have an item of one name: kind and name together identify a row.
  const named = items.map((item) => ({ ...item, label: item.name, name: item.kind + ": " + item.name }));
  contents = new Map(named.map((item) => [item.name, item.content]));
  rows(
    "items",
    named,
    (item) => [
      [inOneLine(item.content), ""],
      [moment(item.changed_at), "note"],
      [item.problem ? "no effect: " + item.problem : "", item.problem ? "wait" : ""],
    ],
    itemDeeds,
  );
  inOrder("items", named);
}
function showFired({ alerts }) {
  const named = alerts
    .slice(0, FIRED_SHOWN)
    .map((one) => ({ ...one, name: one.alert + ": " + one.collector + " " + one.seq }));
  rows("fired", named, (one) => [[moment(one.fired_at), "note"]]);
  inOrder("fired", named);
  element("fired-table").hidden = !alerts.length;
  put("fired-none", alerts.length ? "" : "None has fired yet.");
}
async function lookAtConfiguration() {
  showConfiguration(await call("GET", "configuration"));
  showFired(await call("GET", "alerts"));
}
async function lookSometimes() {
  if (looks++ % CONFIGURATION_EVERY) return;
  try {
    await lookAtConfiguration();
    put("items-problem", "");
  } catch (error) {
    // The rest of the page keeps working while the database is away.
    if (!session || !(error instanceof Refused)) throw error;
    put("items-problem", error.message);
  }
}
element("add").addEventListener("click", () => edit("alert", "", undefined));
element("item-kind").addEventListener("change", () => {
  const written = element("item-content");
  if (!element("item-name").value) written.value = EXAMPLES[element("item-kind").value] || "{}";
});
element("item-cancel").addEventListener("click", () => element("item").close());
element("item-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const kind = element("item-kind").value,
    name = element("item-name").value;
  if (!changing && contents.has(kind + ": " + name)) {
    put("item-problem", "There is a " + kind + " " + name + " already: change it in the list.");
    return;
  }
  let content;
  try {
    content = JSON.parse(element("item-content").value);
  } catch (error) {
    put("item-problem", "The content is no JSON: " + error.message);
    return;
  }
  try {
    await call("PUT", place(kind, name), content);
    element("item").close();
    await lookAtConfiguration();
  } catch (error) {
    put(
      "item-problem",
      error instanceof Refused ? error.message : "No gateway answered: the list shows whether the change was made.",
    );
  }
});
enter();
