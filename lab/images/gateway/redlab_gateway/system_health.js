const KEY = "redlab-session",
  GOOD = ["ready", "active", "standby", "streaming"];
const AGAIN_MILLISECONDS = 1000,
  PATIENCE_MILLISECONDS = 4000;
const problems = { look: "", deed: "" };
let session = sessionStorage.getItem(KEY),
  automatic = null,
  answeredAt = 0,
  acting = false;

async function call(method, path, body) {
  const headers = { "Content-Type": "application/json" };
  if (session) headers.Authorization = "Bearer " + session;
  try {
    return await request(method, "/management/v1/" + path, headers, body, PATIENCE_MILLISECONDS);
  } catch (error) {
    if (error.status !== 401 || !session) throw error;
    logOut();
    throw new Refused("The session is over: log in again.", error.status);
  }
}
function tell(kind, text) {
  problems[kind] = text;
  put("problem", Object.values(problems).filter(Boolean).join(" "));
}
const rate = (state) =>
  GOOD.includes(state) ? "good" : state === "starting" || state === "not-ready" || state === "catchup" ? "wait" : "bad";
// Existing rows keep their elements: the reader's place and the keyboard's focus stay.
function rows(body, items, cells, more) {
  const kept = new Map([...element(body).children].map((row) => [row.dataset.name, row]));
  for (const item of items) {
    let row = kept.get(item.name);
    kept.delete(item.name);
    if (!row) {
      row = document.createElement("tr");
      row.dataset.name = item.name;
      const head = made("th", item.name);
      head.scope = "row";
      row.append(head, ...cells(item).map(() => document.createElement("td")));
      for (const cell of [...row.children].slice(1)) cell.append(document.createElement("span"));
      if (more) row.append(more(item));
      element(body).append(row);
    }
    cells(item).forEach(([text, className], index) => put(row.children[index + 1].firstChild, text, className || ""));
  }
  for (const gone of kept.values()) gone.remove();
}
const seconds = (value) => (value === null || value === undefined ? "–" : value.toFixed(value < 10 ? 2 : 0) + " s");
const count = (value) => (value === null || value === undefined ? "–" : value.toLocaleString("en"));
function stateOf(node) {
  return [node.state.replace("-", " ") + (node.reason ? ": " + node.reason : ""), rate(node.state)];
}
function assign(node) {
  const cell = document.createElement("td");
  const text = "Assign services to " + node.name + " …";
  const question =
    "Assign the services to " +
    node.name +
    "? Users are not served until they have started there. Events from collectors are kept.";
  cell.append(button(text, text, () => act(question, () => call("POST", "services/reassign", { to: node.name }))));
  return cell;
}
function show(health) {
  const services = health.services,
    of = (role) => health.nodes.filter((node) => node.role === role);
  const rejected = health.nodes.reduce((sum, node) => sum + (node.rejected_events || 0), 0);
  put(
    "notice",
    [
      health.reason && "Users are not served: " + health.reason + ".",
      rejected && count(rejected) + " events could not be stored and were set aside, in the table rejected.",
    ]
      .filter(Boolean)
      .join(" "),
  );
  put("state", services.state, rate(services.state));
  put("active", services.active || "none");
  put("assigned", services.assigned_to || "none");
  put("lease", services.epoch + ", " + seconds(services.expires_in_seconds) + " left");
  automatic = health.controller.automatic_failover;
  put("automatic", automatic === null ? "unknown" : automatic ? "on" : "off");
  element("automatic").setAttribute("aria-checked", String(automatic === true));
  element("automatic").disabled = automatic === null;
  rows("servers", of("data_processing_server"), (node) => [stateOf(node), [count(node.processed_events)]], assign);
  for (const row of element("servers").children)
    row.querySelector("button").disabled =
      row.dataset.name === services.assigned_to && row.dataset.name === services.active;
  rows("gateways", of("gateway"), (node) => [
    stateOf(node),
    [count(node.pending_events)],
    [seconds(node.oldest_age_seconds)],
  ]);
  const database = of("database")[0],
    replication = health.replication;
  put("database", database.state === "ready" ? "ready" : "does not answer", rate(database.state));
  put(
    "role",
    replication === null
      ? ""
      : replication.standby
        ? "Standby: it follows the other instance's database."
        : replication.lost && replication.lost.length
          ? "Slot lost: " +
            replication.lost.join(", ") +
            ". The standby with that slot was away for too long and must be copied anew (redlab reprotect)."
          : replication.followers.length
            ? ""
            : "It has no standby.",
  );
  element("replication").hidden = !replication || !replication.followers.length;
  rows("followers", replication ? replication.followers : [], (one) => [
    [one.state, rate(one.state)],
    [one.synchronous ? "yes" : "no"],
    [
      (one.behind_bytes === null ? "–" : count(one.behind_bytes) + " bytes") +
        (one.behind_seconds === null ? "" : ", " + seconds(one.behind_seconds)),
    ],
  ]);
}
async function look() {
  try {
    show(await call("GET", "system-health"));
    await lookSometimes();
    answeredAt = Date.now();
    put("seen", "live");
    tell("look", "");
  } catch (error) {
    if (!session) return;
    put("seen", answeredAt ? "last seen " + Math.round((Date.now() - answeredAt) / 1000) + " s ago" : "");
    tell("look", error instanceof Refused ? error.message : "No gateway answers; trying again.");
  }
  setTimeout(look, AGAIN_MILLISECONDS);
}
function enter() {
  for (const [id, there] of [
    ["login", !session],
    ["health", session],
    ["live", session],
  ])
    element(id).hidden = !there;
  if (session) look();
  else element("password").focus();
}
function logOut() {
  session = null;
  sessionStorage.removeItem(KEY);
  enter();
}
async function act(question, deed) {
  if (acting || (question && !(await confirmed(question)))) return;
  acting = true;
  tell("deed", "");
  try {
    await deed();
  } catch (error) {
    tell(
      "deed",
      error instanceof Refused
        ? error.message
        : "No gateway answered: the state below shows whether the change was made.",
    );
  }
  acting = false;
}
element("automatic").addEventListener("click", () =>
  act(null, () => call("PUT", "controller", { automatic_failover: !automatic })),
);
element("out").addEventListener("click", () => {
  call("DELETE", "sessions").catch(() =>
    tell("deed", "No gateway could record the log-out: this session ends by itself within an hour."),
  );
  logOut();
  tell("look", "");
  tell("deed", "");
});
element("login").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    session = (await call("POST", "sessions", { password: element("password").value })).session;
    sessionStorage.setItem(KEY, session);
    element("password").value = "";
    tell("deed", "");
    tell("look", "");
    enter();
  } catch (error) {
    tell("deed", error instanceof Refused ? error.message : "No gateway answers; try again.");
    element("password").select();
  }
});
