// Time as the page shows it. Leases come as what is left of them and run by this machine's steady clock; waits come as
// a moment on the server's wall clock, which is not ours: its `Date` tells how far apart they are. One ticker moves all
// that counts up or down on the page.

import { setText } from "./dom.js";
import { span } from "./words.js";

let offset = 0;
const slack = 2_000;

/// Takes what a response says of the server's clock; seconds are all that it tells.
export function hearDate(text) {
    const time = Date.parse(text ?? "");
    if (Number.isNaN(time)) return;
    const heard = time + 500 - Date.now();
    if (Math.abs(heard - offset) > slack) offset = Math.abs(heard) > slack ? heard : 0;
}

export const serverNow = () => Date.now() + offset;

/// Has a node show what is left of so many seconds, and `bar` how much that is of all of them.
export function countDown(node, seconds, { of, bar } = {}) {
    const end = performance.now() + seconds * 1_000;
    // What comes from the network is never to the millisecond: a jump back by a blink is no news.
    if (!(Math.abs(Number(node.dataset.end) - end) < 150)) node.dataset.end = end;
    node.bar = bar && of ? { node: bar, milliseconds: of * 1_000 } : undefined;
    tick(node);
}

/// Has a node show how long ago that was, a time of the server as text or in milliseconds.
export function countUp(node, time) {
    node.dataset.start = typeof time === "number" ? time : Date.parse(time);
    tick(node);
}

export function stopCounting(node) {
    delete node.dataset.end;
    delete node.dataset.start;
}

function tick(node) {
    if (node.dataset.start !== undefined) {
        return setText(node, span((serverNow() - Number(node.dataset.start)) / 1_000));
    }
    const left = Number(node.dataset.end) - performance.now();
    setText(node, left > 0 ? span(Math.ceil(left / 1_000)) : "now");
    const isShort = left < 5_000;
    if (node.classList.contains("short") !== isShort) node.classList.toggle("short", isShort);
    if (!node.bar) return;
    const share = Math.min(1, Math.max(0, left / node.bar.milliseconds));
    node.bar.node.style.transform = `scaleX(${share.toFixed(4)})`;
}

setInterval(() => {
    if (document.hidden) return;
    for (const node of document.querySelectorAll("[data-end], [data-start]")) tick(node);
}, 250);

/// Asks again when something changed: never twice at once, never more often than is good for the server.
export class Refresher {
    /// `act` gets a signal that says when nobody wants its answer any more.
    constructor(act, leastMilliseconds) {
        this.act = act;
        this.least = leastMilliseconds;
        this.aborter = new AbortController();
        this.last = -Infinity;
    }

    /// Soon, with whatever else changes until then.
    request() {
        if (this.aborter.signal.aborted) return;
        this.isWanted = true;
        if (this.isUnderWay || this.timer) return;
        const wait = Math.max(0, this.last + this.least - performance.now());
        this.timer = setTimeout(() => this.run(), wait);
    }

    async run() {
        this.timer = undefined;
        this.isWanted = false;
        this.isUnderWay = true;
        const begun = performance.now();
        try {
            await this.act(this.aborter.signal);
        } finally {
            this.isUnderWay = false;
            this.last = performance.now();
            // A question that takes the server long is asked seldom.
            this.least = Math.max(this.least, Math.min(10_000, 5 * (this.last - begun)));
            if (this.isWanted) this.request();
        }
    }

    stop() {
        this.aborter.abort();
        clearTimeout(this.timer);
    }
}
