// The server's counts, looked at every two seconds and remembered for ten minutes, also while another page is shown.
// They come from `/metrics`, which needs the right to read everything; without it the charts say so.

import { request } from "./api.js";

const interval = 2_000;
const keptMax = 300;
/// How much of it is shown, in minutes: a page that was just opened does not begin with an empty chart.
const windows = [1, 3, 10];

const names = {
    held: "holdfast_tickets_held",
    waiting: "holdfast_tickets_waiting",
    grants: "holdfast_grants_total",
    releases: "holdfast_releases_total",
    losses: "holdfast_losses_total",
    requests: "holdfast_requests_total",
    connections: "holdfast_connections",
    resources: "holdfast_resources",
};

/// What was seen, oldest first: `{at, held, waiting, …}`.
export const samples = [];

export const listeners = new Set();

export const counts = { problem: undefined };

/// The series of these names, with those of all labels added up.
function parse(text) {
    const sums = new Map();
    for (const line of text.split("\n")) {
        const found = /^([a-z_]+)(?:\{.*\})? (\S+)/.exec(line);
        if (found) sums.set(found[1], (sums.get(found[1]) ?? 0) + Number(found[2]));
    }
    return Object.fromEntries(Object.entries(names).map(([key, name]) => [key, sums.get(name) ?? 0]));
}

async function look() {
    try {
        const response = await request("GET", "/metrics");
        samples.push({ at: performance.now(), ...parse(await response.text()) });
        if (samples.length > keptMax) samples.shift();
        counts.problem = undefined;
    } catch (error) {
        counts.problem = error;
    }
    for (const listener of listeners) listener();
}

/// How many a second, over the last ten; nothing where the server was started anew meanwhile.
export function perSecond(key, samplesBack = 5) {
    const last = samples.at(-1);
    const first = samples.at(-1 - Math.min(samplesBack, samples.length - 1));
    if (!last || first === last || last[key] < first[key]) return undefined;
    return (last[key] - first[key]) / ((last.at - first.at) / 1_000);
}

/// How many since the oldest that is remembered.
export function increase(key) {
    let sum = 0;
    for (let i = 1; i < samples.length; i += 1) sum += Math.max(0, samples[i][key] - samples[i - 1][key]);
    return sum;
}

/// The minutes that charts show now, and how many samples these are.
export function shown() {
    const each = interval / 60_000;
    const minutes = windows.find((one) => samples.length * each <= one) ?? windows.at(-1);
    return { minutes, count: minutes / each };
}

let rounds;

/// Looks from now on, until it is told to stop.
export function startCounting() {
    if (rounds) return;
    const mine = rounds = {};
    const round = async () => {
        if (rounds !== mine) return;
        // Who may not see the counts is not asked about it every two seconds.
        const isRefused = counts.problem?.status === 403;
        if (!document.hidden && !isRefused) await look();
        setTimeout(round, interval);
    };
    round();
}

export function stopCounting() {
    rounds = undefined;
    counts.problem = undefined;
}
