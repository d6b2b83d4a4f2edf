// Draws a lab: places as boxes, their nodes in rows, links between them. In CSS pixels, for the width that there is,
// so that letters keep their size: data centers are side by side, or below each other where that is too narrow.
const NODE = { width: 118, widest: 190, height: 62, gap: 10 },
  PAD = 12,
  HEAD = 32,
  CENTER = 290,
  LINK = 170,
  BETWEEN = 76;
const GUTTER = { left: 26, right: 36 },
  ROWS = ["loadBalancer", "gateway", "dataProcessingServer"];
const KINDS = { healthy: "good", running: "good", starting: "wait" };

const kind = (state) => KINDS[state] || "bad";
const clipped = (text, width) => {
  const most = Math.floor(width / 5.5);
  return text.length > most ? text.slice(0, most - 1) + "…" : text;
};
const middle = (place) => ({ x: place.x + place.width / 2, y: place.y + place.height / 2 });

function shape(tag, attributes, ...children) {
  const svg = document.getElementById("drawing"),
    node = document.createElementNS(svg.namespaceURI, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}
function rowsOf(nodes, most) {
  // Requests go from row to row; what is no part of their way comes last.
  const rows = [...ROWS, ""].map((role) => nodes.filter((one) => (ROWS.includes(one.role) ? one.role : "") === role));
  return rows.flatMap((row) => row.flatMap((_, at) => (at % most ? [] : [row.slice(at, at + most)])));
}
function placeOf(name, lab, width) {
  const nodes = lab.nodes.filter((one) => one.site === name),
    inner = width - 2 * PAD;
  const rows = rowsOf(nodes, Math.max(1, Math.floor((inner + NODE.gap) / (NODE.width + NODE.gap))));
  const most = Math.max(1, ...rows.map((row) => row.length));
  const cell = Math.min(NODE.widest, (inner + NODE.gap) / most - NODE.gap);
  const cells = rows.flatMap((row, down) =>
    row.map((node, across) => ({
      node,
      width: cell,
      x: (width - row.length * (cell + NODE.gap) + NODE.gap) / 2 + across * (cell + NODE.gap),
      y: HEAD + down * (NODE.height + NODE.gap),
    })),
  );
  return { name, cells, width, height: HEAD + rows.length * (NODE.height + NODE.gap) - NODE.gap + PAD, x: 0, y: 0 };
}
function kindsOfPlaces(lab) {
  const serves = (site) => lab.nodes.some((one) => one.site === site && one.role === "gateway");
  const elsewhere = [...new Set(lab.nodes.map((one) => one.site))].filter((site) => !lab.sites.includes(site));
  return { top: elsewhere, centers: lab.sites.filter(serves), bottom: lab.sites.filter((site) => !serves(site)) };
}
function sideBySide(lab, { top, centers, bottom }, width) {
  const places = [],
    each = Math.min(2 * CENTER, (width - LINK * (centers.length - 1)) / centers.length);
  const span = centers.length * each + LINK * (centers.length - 1);
  let y = 0;
  const centered = (name) => {
    const most =
      lab.nodes.filter((one) => one.site === name).length * (NODE.width + 30 + NODE.gap) - NODE.gap + 2 * PAD;
    const place = placeOf(name, lab, Math.min(width, Math.max(most, 200)));
    places.push(Object.assign(place, { x: (width - place.width) / 2, y }));
    y += place.height + BETWEEN;
  };
  top.forEach(centered);
  const row = centers.map((name, at) =>
    Object.assign(placeOf(name, lab, each), { x: (width - span) / 2 + at * (each + LINK), y }),
  );
  places.push(...row);
  y += Math.max(0, ...row.map((place) => place.height)) + BETWEEN;
  bottom.forEach(centered);
  return { places, height: y - BETWEEN };
}
function stacked(lab, { top, centers, bottom }, width) {
  let y = 0;
  const places = [...top, ...centers, ...bottom].map((name) => {
    const place = Object.assign(placeOf(name, lab, width - GUTTER.left - GUTTER.right), { x: GUTTER.left, y });
    y += place.height + BETWEEN;
    return place;
  });
  return { places, height: y - BETWEEN };
}
function wayOf(one, other, width, isStacked, adjacent) {
  // Where a link runs (d), where its label is, and how that is turned.
  const [a, b] = [middle(one), middle(other)];
  if (isStacked && !adjacent) {
    const x = width - GUTTER.right / 2 + 4;
    return {
      d: `M${one.x + one.width} ${a.y}H${x}V${b.y}H${other.x + other.width}`,
      x,
      y: (a.y + b.y) / 2,
      turned: true,
    };
  }
  if (one.y === other.y) {
    const [left, right] = one.x < other.x ? [one, other] : [other, one],
      y = Math.min(a.y, b.y);
    return { d: `M${left.x + left.width} ${y}H${right.x}`, x: (left.x + left.width + right.x) / 2, y };
  }
  const [upper, lower] = one.y < other.y ? [one, other] : [other, one],
    from = middle(upper),
    side = from.x - middle(lower).x;
  const to = middle(lower).x + (Math.sign(side) * lower.width) / 4,
    below = upper.y + upper.height;
  return { d: `M${from.x} ${below}L${to} ${lower.y}`, x: (from.x + to) / 2, y: (below + lower.y) / 2 };
}
function label(way, lines) {
  const wide = Math.max(...lines.map((text) => text.length)) * 7.5 + 12,
    high = lines.length * 16 + 4;
  return shape(
    "g",
    { transform: `translate(${way.x} ${way.y})` + (way.turned ? " rotate(90)" : "") },
    shape("rect", { x: -wide / 2, y: -high / 2, width: wide, height: high, rx: 4 }),
    ...lines.map((text, at) => shape("text", { y: (at - (lines.length - 1) / 2) * 16 + 4 }, text)),
  );
}
function drawnLink(link, way, rate) {
  const trip = link.round_trip_milliseconds === null ? "no answer" : link.round_trip_milliseconds + " ms";
  const looks = link.cut
    ? "cut"
    : link.differences
      ? "changed"
      : link.round_trip_milliseconds === null
        ? "unknown"
        : "well";
  const cuts = link.differences
    .split(", ")
    .filter((one) => one.endsWith(" cut"))
    .map((one) => one.slice(0, -4));
  const lines = link.cut
    ? ["✕ CUT", cuts.length === 1 ? cuts[0] : "both ways"]
    : [trip, rate, link.differences].filter(Boolean);
  return shape(
    "g",
    { class: `link ${looks}${rate && rate !== "0 B/s" ? " busy" : ""}` },
    shape("title", {}, [link.sites.join(" – ") + ": " + trip, rate, link.differences].filter(Boolean).join(", ")),
    shape("path", { d: way.d }),
    label(way, way.turned ? [lines.join(" · ")] : lines),
  );
}
const ICONS = {
  good: [
    ["circle", { r: 7 }],
    ["path", { d: "M-3.5 .5L-1 3L3.5 -2.5", class: "cut-out" }],
  ],
  wait: [
    ["circle", { r: 6, class: "outline" }],
    ["path", { d: "M0 -3.5V0H3", class: "outline" }],
  ],
  paused: [["path", { d: "M-6 -7H-1.5V7H-6ZM1.5 -7H6V7H1.5Z" }]],
  stopped: [["path", { d: "M-6 -6H6V6H-6Z" }]],
  missing: [["path", { d: "M-6 -6L6 6M6 -6L-6 6", class: "outline" }]],
  bad: [
    ["path", { d: "M0 -7.5L8 6.5H-8Z" }],
    ["path", { d: "M0 -2.5V2M0 3.7V5", class: "cut-out" }],
  ],
};
function drawnNode(cell, notes, serves) {
  const { node, width } = cell,
    looks = kind(node.state),
    icon = ICONS[node.state] || ICONS[looks],
    note = notes.join(", ");
  return shape(
    "g",
    { class: `node ${looks} is-${node.state}${serves ? " serves" : ""}`, transform: `translate(${cell.x} ${cell.y})` },
    shape("title", {}, [node.name + " (" + node.role + "): " + node.state, ...notes].join(", ")),
    shape("rect", { width, height: NODE.height, rx: 5 }),
    shape(
      "g",
      { class: "icon", transform: "translate(16 17)" },
      ...icon.map(([tag, attributes]) => shape(tag, attributes)),
    ),
    shape("text", { x: 30, y: 22, class: "name" }, clipped(node.name, (width - 34) / 1.35)),
    shape("text", { x: 10, y: 39, class: "state" }, node.state),
    shape("text", { x: 10, y: 54, class: "more" }, clipped(note, width - 14)),
  );
}
function drawnPlace(place, lab, notes) {
  const active = lab.active_site === place.name,
    group = shape(
      "g",
      { class: "place" + (active ? " active" : ""), transform: `translate(${place.x} ${place.y})` },
      shape("rect", { width: place.width, height: place.height, rx: 8 }),
      shape("text", { x: PAD, y: 21, class: "name" }, place.name + (active ? " ★ serves the users" : "")),
    );
  const serves = new Set(lab.services.map((one) => one.active));
  group.append(...place.cells.map((cell) => drawnNode(cell, notes(cell.node), serves.has(cell.node.name))));
  return group;
}
function drawnUsers(from, to, isStacked) {
  const below = from.y + from.height,
    end = middle(to).x;
  const d = isStacked
    ? `M${from.x} ${middle(from).y}H10V${to.y + 16}H${to.x - 3}`
    : `M${middle(from).x} ${below}L${end} ${to.y - 4}`;
  const way = isStacked ? { x: from.x + 24, y: below + 18 } : { x: (middle(from).x + end) / 2, y: (below + to.y) / 2 };
  return shape(
    "g",
    { class: "users" },
    shape("title", {}, "users go to " + to.name),
    shape("path", { d, "marker-end": "url(#arrow)" }),
    label(way, ["users"]),
  );
}
function drawing(lab, width, notes, rate) {
  // Returns the picture's size and its parts, those in front last.
  const kinds = kindsOfPlaces(lab),
    count = kinds.centers.length;
  const isStacked = width < count * CENTER + (count - 1) * LINK;
  const { places, height } = (isStacked ? stacked : sideBySide)(lab, kinds, width);
  const called = (name) => places.find((place) => place.name === name),
    parts = [];
  // Without a global load balancer users go to the one site; "nearest" and "spread" are every one.
  const goal = (name) => [name, "nearest", "spread"].includes(lab.active_site) || count === 1;
  for (const from of kinds.top.slice(0, 1))
    parts.push(...kinds.centers.filter(goal).map((name) => drawnUsers(called(from), called(name), isStacked)));
  const links = lab.links
    .filter((link) => link.sites.every(called))
    .map((link) => {
      const [one, other] = link.sites.map(called),
        adjacent = Math.abs(places.indexOf(one) - places.indexOf(other)) === 1;
      return drawnLink(link, wayOf(one, other, width, isStacked, adjacent), rate(link));
    });
  return { width, height, parts: [...parts, ...places.map((place) => drawnPlace(place, lab, notes)), ...links] };
}
function described(lab) {
  // The picture in words: what is not well, by place.
  const places = [...new Set([...lab.sites, ...lab.nodes.map((one) => one.site)])].map((site) => {
    const nodes = lab.nodes.filter((one) => one.site === site),
      bad = nodes.filter((one) => kind(one.state) !== "good");
    const said = bad.length ? bad.map((one) => one.name + " " + one.state).join(", ") : "all well";
    return site + (lab.active_site === site ? ", which serves the users" : "") + ": " + said;
  });
  return (
    [
      ...places,
      ...lab.links.filter((link) => link.differences).map((link) => "link " + link.name + ": " + link.differences),
    ].join(". ") + "."
  );
}
