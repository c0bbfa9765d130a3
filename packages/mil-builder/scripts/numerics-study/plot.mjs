// Line plots as SVG text: a linear x axis, a logarithmic y axis in percent.
const [WIDTH, HEIGHT] = [760, 360];
const [LEFT, RIGHT, TOP, BOTTOM] = [56, 240, 36, 44];
const COLOURS = ["#1f6fb2", "#c4472b", "#3a8f3a", "#7a4fa3"];
const [LOW, HIGH] = [0.01, 100];

export function linePlot({ title, x, series }) {
  const xs = series.flatMap(({ points }) => points.map(([at]) => at));
  const [first, last] = [Math.min(...xs), Math.max(...xs)];
  const across = (at) => round(LEFT + ((at - first) / (last - first)) * (WIDTH - LEFT - RIGHT));
  const up = (value) => {
    const part = Math.log(Math.max(value, LOW) / LOW) / Math.log(HIGH / LOW);
    return round(HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM));
  };
  const right = WIDTH - RIGHT;
  const bottom = HEIGHT - BOTTOM;
  const parts = [text(LEFT, 20, title, 'font-weight="bold"')];
  for (let value = LOW; value <= HIGH; value *= 10) {
    const label = value === LOW ? `≤ ${LOW}` : `${Number(value.toPrecision(1))}`;
    parts.push(
      line(LEFT, up(value), right, up(value)),
      text(LEFT - 6, up(value) + 4, label, 'text-anchor="end"'),
    );
  }
  for (let at = Math.ceil(first / 2) * 2; at <= last; at += 2) {
    parts.push(
      line(across(at), TOP, across(at), bottom),
      text(across(at), bottom + 16, at, 'text-anchor="middle"'),
    );
  }
  parts.push(text((LEFT + right) / 2, HEIGHT - 8, x, 'text-anchor="middle"'));
  series.forEach(({ name, points, colour, dashed }, index) => {
    const style = `stroke="${COLOURS[colour]}" stroke-width="1.8" fill="none"${dashed ? ' stroke-dasharray="5 3"' : ""}`;
    const path = points.map(([at, value]) => `${across(at)},${up(value)}`).join(" ");
    const y = TOP + 12 + 18 * index;
    parts.push(
      `<polyline points="${path}" ${style}/>`,
      `<polyline points="${right + 12},${y - 4} ${right + 36},${y - 4}" ${style}/>`,
      text(right + 42, y, name),
    );
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
${parts.join("\n")}
</svg>
`;
}

function line(x1, y1, x2, y2) {
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="#ddd"/>`;
}

function text(x, y, content, more = "") {
  return `<text x="${x}" y="${y}" fill="#222" ${more}>${content}</text>`;
}

function round(value) {
  return Math.round(value * 10) / 10;
}
