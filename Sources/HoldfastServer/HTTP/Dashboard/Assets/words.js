// How numbers, times and events are said to people.

const whole = new Intl.NumberFormat("en");
const short = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const timeOfDay = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
const dayAndTime = new Intl.DateTimeFormat([], { dateStyle: "medium", timeStyle: "medium", hour12: false });

export const count = (number) => whole.format(number);

export const counted = (number, one, many) => `${count(number)} ${number === 1 ? one : many}`;

export const rate = (number) => (number < 100 ? short.format(number) : whole.format(Math.round(number)));

/// A length of time, in two units at most.
export function span(seconds) {
    const s = Math.max(0, Math.floor(seconds));
    if (s < 60) return `${s} s`;
    if (s < 3_600) return `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, "0")} s`;
    if (s < 86_400) return `${Math.floor(s / 3_600)} h ${String(Math.floor(s / 60) % 60).padStart(2, "0")} min`;
    return `${Math.floor(s / 86_400)} d ${Math.floor(s / 3_600) % 24} h`;
}

/// The same for a length that does not move: small ones to the tenth.
export const exactSpan = (seconds) => (seconds < 10 ? `${short.format(seconds)} s` : span(seconds));

export const clockTime = (text) => timeOfDay.format(new Date(text));

export const fullTime = (text) => dayAndTime.format(new Date(text));

/// Who a ticket belongs to: the label says it better than the name that many share.
export const who = (view) => view.holder ?? view.label ?? view.owner;

export function modeWords(view) {
    switch (view.mode) {
    case "shared": return "shared";
    case "permit": return view.permits ? `${count(view.permits)} of ${count(view.of)} permits` : "permits";
    default: return "exclusive";
    }
}

/// What an event did, behind the name of who did it.
export function eventWords(event) {
    const by = event.by ? ` by ${event.by}` : "";
    switch (event.event) {
    case "queued": return "joined the queue";
    case "acquired": return "got the lock";
    case "renewed": return "renewed";
    case "released": return "released it";
    case "cancelled": return "left the queue";
    case "expired": return "let the lease run out";
    case "timed_out": return "gave up waiting";
    case "abandoned": return "was not heard of any more";
    case "session_ended": return "went away: the session ended";
    case "stolen": return event.by ? `lost it to ${event.by}, by a steal` : "lost it by a steal";
    case "losing": return `was asked to let go${by}`;
    case "kept": return "may keep it";
    case "cleared": return `was cleared${by}`;
    default: return event.event.replaceAll("_", " ");
    }
}

/// How it looks: something began, ended as it should, or was lost.
export function eventTone(name) {
    switch (name) {
    case "acquired": return "good";
    case "expired": case "stolen": case "session_ended": case "cleared": return "bad";
    case "timed_out": case "abandoned": case "losing": return "warn";
    default: return "plain";
    }
}

/// The state of a ticket, in one word.
export const stateWords = (view) =>
    ({ acquired: "holds", queued: "waits", released: (view.ended ?? "released").replaceAll("_", " ") })[view.state];
