// A week as seven rows of patches that answer while they are dragged over. Two kinds:
//   "ask": the dragged patch is a query; the strip under each day shows where it attends, from weights that came with the page.
//   "hide": dragging hides patches, or shows hidden ones again.
// Python has the last word: what is drawn is `data`, and a drag is sent once the pointer is released.

const LEFT = 40, FOOT = 20, SPACE = 6;
const CLOCK_EVERY = 3;

export default function ({ parentElement, data, setStateValue }) {
  const { canvas, spoken } = placed(parentElement);
  const rows = data.days.length, perDay = data.perDay, patches = rows * perDay;
  const strips = data.kind === "ask" ? 2 : 1;
  const lane = data.kind === "ask" ? 46 : 24;
  const weights = data.kind === "ask" ? bytes(data.weights) : null;
  const hidden = data.kind === "hide" ? Array.from(data.hidden, (sign) => sign === "1") : null;
  let asked = data.asked, cursor = data.cursor ?? 0, dragging = null, focused = false;

  canvas.tabIndex = data.kind === "hide" ? 0 : -1;
  canvas.setAttribute("role", data.kind === "hide" ? "application" : "img");
  canvas.setAttribute("aria-label", data.label);

  function draw() {
    const width = canvas.clientWidth, height = rows * lane + FOOT, sharp = window.devicePixelRatio || 1;
    canvas.style.height = `${height}px`;
    canvas.width = Math.round(width * sharp);
    canvas.height = Math.round(height * sharp);
    const pen = canvas.getContext("2d");
    pen.setTransform(sharp, 0, 0, sharp, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.font = "12px 'Source Sans', 'Source Sans Pro', sans-serif";
    pen.fillStyle = data.colours.muted;
    const step = (width - LEFT) / perDay, tall = (lane - SPACE) / strips;
    pen.textAlign = "right";
    data.days.forEach((day, row) => pen.fillText(day, LEFT - 8, row * lane + (lane - SPACE) / 2 + 4));
    pen.textAlign = "center";
    for (let hour = 0; hour <= 24; hour += CLOCK_EVERY * (width < 420 ? 2 : 1)) {
      const x = Math.min(Math.max(LEFT + (hour / 24) * (width - LEFT), LEFT + 14), width - 16);
      pen.fillText(`${String(hour % 24).padStart(2, "0")}:00`, x, rows * lane + 12);
    }
    for (let patch = 0; patch < patches; patch += 1) {
      const x = LEFT + (patch % perDay) * step, y = Math.floor(patch / perDay) * lane;
      if (data.kind === "ask") {
        pen.fillStyle = mixed(data.colours.activity, data.activity[patch] / 100);
        pen.fillRect(x, y, step + 0.6, tall - 1);
        pen.fillStyle = mixed(data.colours.attention, weights[asked * patches + patch] / 255);
        pen.fillRect(x, y + tall, step + 0.6, tall - 1);
      } else if (hidden[patch]) {
        pen.fillStyle = data.colours.cover;
        pen.fillRect(x, y, step + 0.6, tall);
      } else {
        pen.fillStyle = data.colours.ground;
        pen.fillRect(x, y, step + 0.6, tall);
        const high = (data.activity[patch] / 100) * tall;
        pen.fillStyle = data.colours.bar;
        pen.fillRect(x, y + tall - high, step + 0.6, high);
      }
    }
    pen.strokeStyle = data.colours.marker;
    pen.lineWidth = 2.5;
    if (data.kind === "ask") {
      const patch = data.queries[asked];
      pen.strokeRect(LEFT + (patch % perDay) * step - 1.5, Math.floor(patch / perDay) * lane, step + 3, tall);
    } else if (focused) {
      pen.strokeRect(LEFT + (cursor % perDay) * step - 1, Math.floor(cursor / perDay) * lane, step + 2, tall);
    }
  }

  function patchAt(event) {
    const box = canvas.getBoundingClientRect();
    const column = Math.floor(((event.clientX - box.left - LEFT) / (box.width - LEFT)) * perDay);
    const row = Math.floor((event.clientY - box.top) / lane);
    return clamp(row, 0, rows - 1) * perDay + clamp(column, 0, perDay - 1);
  }

  function nearestQuery(patch) {
    let best = 0;
    data.queries.forEach((query, place) => {
      if (Math.abs(query - patch) < Math.abs(data.queries[best] - patch)) best = place;
    });
    return best;
  }

  function paint(first, end, cover) {
    for (let patch = Math.min(first, end); patch <= Math.max(first, end); patch += 1) hidden[patch] = cover;
  }

  const send = () => data.kind === "ask" ? setStateValue("moved", asked) : setStateValue("moved", hidden.map((one) => (one ? "1" : "0")).join(""));

  canvas.onpointerdown = (event) => {
    canvas.setPointerCapture(event.pointerId);
    const patch = patchAt(event);
    if (data.kind === "ask") {
      dragging = {};
      asked = nearestQuery(patch);
    } else {
      cursor = patch;
      dragging = { from: patch, before: [...hidden], cover: !hidden[patch] };
      paint(patch, patch, dragging.cover);
    }
    draw();
  };
  canvas.onpointermove = (event) => {
    if (dragging === null) return;
    const patch = patchAt(event);
    if (data.kind === "ask") asked = nearestQuery(patch);
    else {
      dragging.before.forEach((one, place) => { hidden[place] = one; });
      paint(dragging.from, patch, dragging.cover);
    }
    draw();
  };
  canvas.onpointerup = () => {
    if (dragging !== null) send();
    dragging = null;
  };
  canvas.onpointercancel = () => {
    if (dragging?.before) dragging.before.forEach((one, place) => { hidden[place] = one; });
    dragging = null;
    draw();
  };
  canvas.onfocus = () => { focused = canvas.matches(":focus-visible"); draw(); };
  canvas.onblur = () => { focused = false; draw(); };
  canvas.onkeydown = (event) => {
    if (data.kind !== "hide") return;
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -perDay, ArrowDown: perDay }[event.key];
    if (by !== undefined) cursor = clamp(cursor + by, 0, patches - 1);
    else if (event.key === " " || event.key === "Enter") {
      hidden[cursor] = !hidden[cursor];
      send();
    } else return;
    event.preventDefault();
    focused = true;
    spoken.textContent = `${data.names[cursor]}: ${hidden[cursor] ? data.words.hidden : data.words.shown}`;
    draw();
  };

  const watch = new ResizeObserver(draw);
  watch.observe(canvas.parentElement);
  draw();
  return () => watch.disconnect();
}

// The picture and what is read aloud, made once.
function placed(parent) {
  if (!parent.querySelector(".week")) {
    const week = document.createElement("div"), said = document.createElement("span");
    week.className = "week";
    said.setAttribute("aria-live", "polite");
    week.append(document.createElement("canvas"), said);
    parent.append(week);
  }
  return { canvas: parent.querySelector("canvas"), spoken: parent.querySelector("[aria-live]") };
}

function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}

function bytes(text) {
  return Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
}

// A colour on a ramp of [share, "#rrggbb"] stops.
function mixed(ramp, share) {
  const upper = Math.max(1, ramp.findIndex(([stop]) => stop >= share));
  const [low, from] = ramp[upper - 1], [high, until] = ramp[upper];
  const part = clamp((share - low) / (high - low), 0, 1);
  const channel = (colour, place) => parseInt(colour.slice(1 + 2 * place, 3 + 2 * place), 16);
  return `rgb(${[0, 1, 2].map((place) => Math.round(channel(from, place) + part * (channel(until, place) - channel(from, place)))).join(",")})`;
}
