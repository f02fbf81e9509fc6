// What the page says about its connection: a dot while it lives, a banner that nobody overlooks when it does not, with
// the time of what is still shown.

import { byID, setText, show } from "./dom.js";
import { clockTime, span } from "./words.js";

const words = {
    live: "Live",
    lost: "Not connected",
    leaving: "Server stopping",
    refused: "Not signed in",
    forbidden: "Not live",
};

let lostSince;
let timer;

/// Shows the state that the feed tells.
export function showConnection(state) {
    byID("link-state").dataset.state = state;
    setText(byID("link-text"), words[state]);
    if (state === "lost" || state === "leaving") lose(state);
    else find(state);
}

function lose(state) {
    const what = state === "leaving" ? "The server is stopping." : "The connection is lost.";
    setText(byID("banner-what"), what);
    show(byID("banner"), true);
    if (lostSince !== undefined) return;
    lostSince = Date.now();
    document.body.classList.add("stale");
    tell();
    timer = setInterval(tell, 1_000);
}

/// The seconds run outside of the alert, which is read aloud once.
function tell() {
    const away = span((Date.now() - lostSince) / 1_000);
    setText(byID("banner-since"), `What you see is from ${clockTime(lostSince)}, ${away} ago. Trying again.`);
}

function find(state) {
    show(byID("banner"), false);
    clearInterval(timer);
    document.body.classList.remove("stale");
    if (lostSince !== undefined && state === "live") announce("Connected again.");
    lostSince = undefined;
}

let lastNews = 0;
let waitingNews;

/// Has a screen reader say something when it is done with what it says; of much news only the last is told.
export function announce(text) {
    clearTimeout(waitingNews);
    const wait = Math.max(0, lastNews + 3_000 - performance.now());
    waitingNews = setTimeout(() => {
        lastNews = performance.now();
        byID("news").textContent = text;
    }, wait);
}
