// Where the page begins: which of its parts is shown, by the address behind `#`; what the event stream tells goes to
// that part. A part is `{title, node, scope, start, events, refresh, stop}` and knows nothing of the others.

import { credential, look, onUnauthenticated } from "./api.js";
import { announce, showConnection } from "./connection.js";
import { startCounting, stopCounting } from "./counts.js";
import { byID, setText } from "./dom.js";
import { Feed } from "./events.js";
import { listen, showHelp } from "./keys.js";
import { overviewPage } from "./overview.js";
import { resourcePage } from "./resource.js";
import { searchPage } from "./search.js";
import { showSignOut, signIn } from "./signin.js";
import { ticketPage } from "./ticket.js";

let page;
let isBegun = false;
let isAsking = false;

const app = { go, rescope: () => feed.watch(page.scope) };

const feed = new Feed({
    events: (events) => page.events(events),
    gap() {
        page.gap?.();
        page.refresh();
    },
    state(state, { error } = {}) {
        showConnection(state);
        // From here on nothing is missed; what happened since the page looked is seen now.
        if (state === "live") page.refresh();
        // What may not be watched may not be looked at either, and the page says so where it asks.
        if (error) announce(error.words);
    },
});

function go(address) {
    if (location.hash === address) route();
    else location.hash = address;
}

/// The page of an address; what cannot be read is the overview.
function pageAt(hash) {
    try {
        const [, name, ...rest] = hash.split("/").map(decodeURIComponent);
        switch (name) {
        case "resource": return resourcePage(rest[0], app);
        case "ticket": return ticketPage({ ticket: rest[0] }, app);
        case "number": return ticketPage({ number: Number(rest[0]), resource: rest[1] }, app);
        case "find": return searchPage(rest[0]);
        default: return overviewPage();
        }
    } catch {
        return overviewPage();
    }
}

function route() { turnTo(pageAt(location.hash)); }

function turnTo(next) {
    page?.stop();
    page = next;
    byID("main").replaceChildren(page.node);
    document.title = `${page.title} – Holdfast`;
    scrollTo(0, 0);
    // Who comes from another part hears where they are; who just opened the page starts at its top.
    if (isBegun) page.node.querySelector("h1")?.focus({ preventScroll: true });
    isBegun = true;
    if (page.scope) feed.watch(page.scope);
    else feed.close();
    page.start();
}

function askWho(problem) {
    if (isAsking) return;
    isAsking = true;
    feed.close();
    stopCounting();
    showConnection("refused");
    turnTo(signIn({ problem, done: begin }));
}

function begin() {
    isAsking = false;
    startCounting();
    showSignOut();
    route();
    tellWhere();
}

async function tellWhere() {
    try {
        const version = await look("/version");
        setText(byID("foot"), `Holdfast ${version.version} · ${version.node}`);
    } catch { /* The banner says what is wrong. */ }
}

function find() {
    byID("find-text").focus();
    byID("find-text").select();
}

const keys = [
    { key: "/", words: "find a resource", act: find },
    { key: "o", words: "overview", act: () => go("#/") },
    { key: "a", words: "all resources", act: () => go("#/find/") },
    { key: "s", words: "steal, on the page of a resource", act: () => page.keys?.s() ?? true },
    { key: "c", words: "clear, on the page of a resource", act: () => page.keys?.c() ?? true },
    { key: "?", words: "this help", act: () => showHelp(keys) },
];

byID("find").addEventListener("submit", (event) => {
    event.preventDefault();
    go(`#/find/${encodeURIComponent(byID("find-text").value.trim())}`);
});
byID("skip").addEventListener("click", (event) => {
    event.preventDefault();
    byID("main").focus();
});
byID("banner-retry").addEventListener("click", () => feed.retry());
byID("sign-out").addEventListener("click", () => {
    credential.forget();
    location.reload();
});
addEventListener("online", () => feed.retry());
addEventListener("hashchange", route);
onUnauthenticated(askWho);
listen(keys);
begin();
