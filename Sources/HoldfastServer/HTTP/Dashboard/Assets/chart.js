// A line over some minutes: how one count went. It takes its colours from the style sheet, so it is right in the dark,
// and says in words what it shows.

import { el, setText } from "./dom.js";
import { samples, shown } from "./counts.js";
import { count } from "./words.js";

const space = "http://www.w3.org/2000/svg";
const [width, height] = [600, 120];

function shape(name, attributes) {
    const node = document.createElementNS(space, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    return node;
}

/// The smallest round number that is not below.
function roundUp(number) {
    if (number <= 4) return 4;
    const power = 10 ** Math.floor(Math.log10(number));
    return [1, 1.2, 1.5, 2, 3, 4, 5, 6, 8, 10].map((step) => step * power).find((step) => step >= number);
}

/// A chart of one count; `draw` shows what is remembered of it.
export function chart(title, key) {
    const area = shape("path", { class: "area" });
    const line = shape("path", { class: "line", "vector-effect": "non-scaling-stroke" });
    const grid = [0.5].map((share) => shape("line", {
        class: "grid", x1: 0, x2: width, y1: height * share, y2: height * share, "vector-effect": "non-scaling-stroke",
    }));
    const picture = shape("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role: "img" });
    picture.append(...grid, area, line);
    const value = el("span", { class: "figure" }, "–");
    const [top, begin] = [el("span", { class: "axis axis-top" }), el("span")];
    const node = el("section", { class: `panel chart chart-${key}` },
        el("div", { class: "panel-head" }, el("h2", {}, title), value),
        el("div", { class: "plot" }, picture, top),
        el("div", { class: "axis axis-time", "aria-hidden": "true" }, begin, el("span", {}, "now")));

    function draw() {
        if (samples.length === 0) return;
        const values = samples.map((sample) => sample[key]);
        const [last, most] = [values.at(-1), values.reduce((a, b) => Math.max(a, b), 0)];
        const ceiling = roundUp(most);
        const { minutes, count: places } = shown();
        const x = (index) => (width * (places - values.length + index)) / (places - 1);
        const y = (number) => height - 2 - ((height - 8) * number) / ceiling;
        const points = values.map((number, index) => `${x(index).toFixed(1)} ${y(number).toFixed(1)}`);
        // The first one alone is no line yet, and a page that was just opened is not to look broken.
        const first = values.length > 1 ? x(0) : x(0) - width / (places - 1);
        if (values.length === 1) points.unshift(`${first.toFixed(1)} ${y(last).toFixed(1)}`);
        line.setAttribute("d", `M${points.join("L")}`);
        area.setAttribute("d", `M${first.toFixed(1)} ${height}L${points.join("L")}L${width} ${height}Z`);
        setText(value, count(last));
        setText(top, count(ceiling));
        setText(begin, `${minutes} min ago`);
        const words = `${title}: ${count(last)} now, ${count(most)} at most in the last ${minutes} min`;
        picture.setAttribute("aria-label", words);
    }

    return { node, draw };
}
