const key = location.hash.slice(1);
const LOOK_MILLISECONDS = 1000,
  TICK_MILLISECONDS = 200,
  ANSWER_MILLISECONDS = 30000,
  NARROWEST = 240;
let scenarios = null,
  busy = false,
  shown = null,
  before = null,
  clock = null;

async function ask(path, body) {
  try {
    return await request(body ? "POST" : "GET", path, { "X-Redlab-Key": key }, body, ANSWER_MILLISECONDS);
  } catch (error) {
    throw error instanceof Refused ? error : new Error("redlab watch does not answer; asking again …");
  }
}
function fill(parent, children) {
  // Only what has changed is replaced, so that a reader's place and focus stay.
  const holder = document.createElement("div");
  holder.append(...children);
  if (parent.innerHTML !== holder.innerHTML) parent.replaceChildren(...holder.childNodes);
}
function notesOf(lab, node) {
  const notes = [],
    queue = lab.queues.find((one) => one.node === node.name);
  const database = lab.databases.find((one) => one.node === node.name),
    fault = lab.faults.find((one) => one.node === node.name);
  if (fault) notes.push(fault.kind + " on purpose, " + fault.ends_in_seconds.toFixed(0) + " s more at most");
  if (lab.services.some((one) => one.active === node.name)) notes.push("has the services");
  if (database)
    notes.push(
      database.role + (database.behind_seconds ? ", " + database.behind_seconds.toFixed(2) + " s behind" : ""),
    );
  if (queue && queue.pending_events !== null) notes.push(queue.pending_events + " events waiting");
  return notes;
}
function rateOf(link) {
  // From two looks; the router counts from its own start.
  const earlier = before && before.links.find((one) => one.name === link.name),
    seconds = before && (Date.parse(shown.at) - Date.parse(before.at)) / 1000;
  if (
    !earlier ||
    !(seconds > 0) ||
    link.forwarded_bytes === null ||
    earlier.forwarded_bytes === null ||
    link.forwarded_bytes < earlier.forwarded_bytes
  )
    return null;
  const rate = (link.forwarded_bytes - earlier.forwarded_bytes) / seconds;
  return rate >= 1e6
    ? (rate / 1e6).toFixed(1) + " MB/s"
    : rate >= 1e3
      ? (rate / 1e3).toFixed(1) + " kB/s"
      : rate.toFixed(0) + " B/s";
}
function inWords(lab, site) {
  const box = made("div", ""),
    list = made("ul", "");
  box.append(made("h3", site + (lab.active_site === site ? " · serves the users" : "")), list);
  for (const node of lab.nodes.filter((one) => one.site === site)) {
    const line = made("li", node.name + " "),
      notes = notesOf(lab, node);
    line.append(made("span", node.state, kind(node.state)));
    if (notes.length) line.append(made("span", " · " + notes.join(", "), "note"));
    list.append(line);
  }
  return box;
}
function linkInWords(link) {
  const trip = link.round_trip_milliseconds === null ? "no answer" : link.round_trip_milliseconds + " ms round trip";
  const total = link.forwarded_bytes === null ? null : (link.forwarded_bytes / 1e6).toFixed(1) + " MB so far";
  const line = made("li", link.sites.join(" – ") + ": " + [trip, rateOf(link), total].filter(Boolean).join(", "));
  if (link.differences) line.append(made("span", " · " + link.differences, "bad"));
  return line;
}
function services(one) {
  const failover =
    one.automatic_failover === null ? "" : ", automatic failover " + (one.automatic_failover ? "on" : "off");
  return (
    "services" +
    (one.site ? " of " + one.site : "") +
    " " +
    one.state +
    (one.active ? " on " + one.active : "") +
    failover
  );
}
function draw() {
  const room = document.querySelector("main").clientWidth;
  if (!shown || !room) return; // a window that is closing has none
  const { width, height, parts } = drawing(shown, Math.max(room, NARROWEST), (node) => notesOf(shown, node), rateOf);
  const svg = element("drawing");
  for (const [name, value] of Object.entries({ width, height, viewBox: `-2 -2 ${width + 4} ${height + 4}` }))
    svg.setAttribute(name, value);
  fill(element("parts"), parts);
}
function showLab(lab) {
  if (shown && lab.at !== shown.at) before = shown;
  shown = lab;
  put("title", lab.lab + ": " + lab.pattern);
  put(
    "summary",
    [...(lab.active_site ? ["users go to " + lab.active_site] : []), ...lab.services.map(services)].join("; "),
  );
  draw();
  put("drawing-words", described(lab));
  const places = [...new Set([...lab.sites, ...lab.nodes.map((one) => one.site)])];
  fill(
    element("places"),
    places.map((site) => inWords(lab, site)),
  );
  fill(
    element("links"),
    lab.links.length ? lab.links.map(linkInWords) : [made("li", "one site: there are none", "note")],
  );
  put("objective", "objective: RTO " + lab.rto_objective_seconds + " s, RPO " + lab.rpo_objective_events + " events");
}
function tick() {
  // Between two looks the clock goes on by itself, as long as they are answered.
  if (!clock || document.body.classList.contains("stale")) return;
  const seconds = (clock.until ?? (performance.now() - clock.began) / 1000) - clock.fault,
    over = seconds > shown.rto_objective_seconds;
  const since = clock.until === null ? " s since the fault" : " s from the fault to the healing";
  put("clock", seconds.toFixed(1) + since, over && clock.until === null ? "bad" : "");
  element("used").max = shown.rto_objective_seconds;
  element("used").value = Math.min(seconds, shown.rto_objective_seconds);
}
function showClock(drill) {
  const said = (begin) => drill.said.find((one) => begin.test(one.text)),
    fault = said(/^fault:/),
    end = said(/^healing|; healing$/);
  clock =
    fault && drill.running
      ? { fault: fault.seconds, until: end ? end.seconds : null, began: performance.now() - drill.seconds * 1000 }
      : null;
  element("used").hidden = !clock;
  if (clock) return tick();
  put("clock", drill.running ? "…" : "–", "");
}
function showSaid(said) {
  // Lines are added, not replaced: they are read aloud once.
  const list = element("said"),
    box = element("timeline"),
    lines = said.map((one) => one.seconds.toFixed(1) + " s  " + one.text);
  const follows = box.scrollTop + box.clientHeight >= box.scrollHeight - 4;
  if ([...list.children].some((line, at) => line.textContent !== lines[at])) list.replaceChildren();
  list.append(...lines.slice(list.children.length).map((line) => made("li", line)));
  if (follows) box.scrollTop = box.scrollHeight;
}
function showDrill(drill) {
  busy = Boolean(drill && drill.running);
  // Not `disabled`, which would take the keyboard's focus away.
  for (const name of ["run", "heal"]) element(name).setAttribute("aria-disabled", busy);
  if (!drill) return;
  showClock(drill);
  showSaid(drill.said);
  const { result, scenario } = drill;
  let [text, looks] = [scenario + (drill.problem ? ": " + drill.problem : " is done"), drill.problem ? "bad" : ""];
  if (drill.running) [text, looks] = [scenario + " is running", ""];
  else if (result && result.measured) {
    const rto = result.measured.rto_seconds;
    looks = result.verdict === "passed" ? "good" : "bad";
    text =
      scenario +
      " " +
      result.verdict +
      ": RTO " +
      (rto === null ? "never" : rto.toFixed(2) + " s") +
      " (objective " +
      result.objectives.rto_seconds +
      " s, predicted at most " +
      result.predicted.rto_seconds.toFixed(2) +
      " s), " +
      result.measured.lost_events +
      " of " +
      result.measured.acknowledged_events +
      " events lost";
  }
  put("outcome", text, looks);
}
function problem(text) {
  document.body.classList.toggle("stale", Boolean(text));
  put("problem", text);
}
async function look() {
  try {
    if (!scenarios) showScenarios(await ask("/api/scenarios"));
    const state = await ask("/api/snapshot");
    showLab(state.lab);
    showDrill(state.drill);
    problem("");
  } catch (error) {
    problem(error.message);
  }
  setTimeout(look, LOOK_MILLISECONDS);
}
async function start(path, body, question) {
  if (busy || !(await confirmed(question))) return;
  try {
    await ask(path, body);
  } catch (error) {
    put("outcome", error.message, "bad");
  }
}
function describe() {
  const chosen = scenarios.find((one) => one.name === element("scenario").value);
  put("what", chosen ? chosen.summary : "");
}
function showScenarios(found) {
  scenarios = found;
  element("scenario").replaceChildren(
    ...found.map((one) => {
      const option = made("option", one.name);
      option.value = one.name;
      return option;
    }),
  );
  describe();
}
element("scenario").addEventListener("change", describe);
element("run").addEventListener("click", () => {
  const scenario = element("scenario").value;
  start("/api/drill", { scenario }, "Run " + scenario + "? It disturbs who uses this lab.");
});
element("heal").addEventListener("click", () =>
  start("/api/heal", {}, "Heal the lab? Whatever is broken on purpose ends now."),
);
addEventListener("resize", draw);
setInterval(tick, TICK_MILLISECONDS);
look();
