// What the page asks the server. Every question carries the credential that was typed in, which is kept in the memory
// of this page alone and goes nowhere but into this header; every refusal comes back as what the server said.

import { hearDate } from "./clock.js";

// Not in the tab's storage: what lies there can be read by whoever gets a script into the page, or to the disk.
let token;

export const credential = {
    get isSet() { return token !== undefined; },
    set(typed) { token = typed; },
    forget() { token = undefined; },
    get headers() { return token === undefined ? {} : { Authorization: `Bearer ${token}` }; },
};

/// A refusal, in the server's words.
export class Problem extends Error {
    constructor(status, body) {
        super(body.message ?? body.detail ?? body.title ?? `The server answered ${status}.`);
        this.status = status;
        this.code = body.code;
        this.right = body.right;
        this.body = body;
    }

    /// What to tell a person.
    get words() {
        if (this.status === 403 && this.right) return `You may not do this: it needs the right “${this.right}”.`;
        if (this.status === 403) return `Refused: ${this.message}.`;
        return this.message.slice(0, 1).toUpperCase() + this.message.slice(1) + ".";
    }
}

/// No answer came.
export class Unreachable extends Error {
    get words() {
        return "The server did not answer. Nothing is known of what became of it; look before you repeat it.";
    }
}

/// What a page says of a question that failed: nothing where it was left, or where the banner says it already. A
/// mistake of the page itself is no refusal, and is not hidden.
export function wordsOf(problem, signal) {
    if (signal.aborted || problem instanceof Unreachable) return undefined;
    if (problem instanceof Problem) return problem.words;
    throw problem;
}

const listeners = new Set();

/// Tells when the server wants to know who asks.
export const onUnauthenticated = (listener) => listeners.add(listener);

export const pathOf = (resource) => resource.split("/").map(encodeURIComponent).join("/");

/// Asks and gives the response; refusals are thrown.
export async function request(method, path, { query = {}, body, signal, headers = {} } = {}) {
    const url = new URL(path, location.origin);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
    const init = { method, signal, cache: "no-store", headers: { ...credential.headers, ...headers } };
    if (body !== undefined) {
        init.body = JSON.stringify(body);
        init.headers["Content-Type"] = "application/json";
    }
    let response;
    try {
        response = await fetch(url, init);
    } catch (error) {
        if (signal?.aborted) throw error;
        throw new Unreachable();
    }
    hearDate(response.headers.get("Date"));
    if (response.ok) return response;
    const problem = new Problem(response.status, await response.json().catch(() => ({})));
    if (response.status === 401) for (const listener of listeners) listener(problem);
    throw problem;
}

export async function ask(method, path, options) {
    const response = await request(method, path, options);
    try {
        return await response.json();
    } catch (error) {
        if (options?.signal?.aborted) throw error;
        throw new Unreachable();
    }
}

/// What may be done at a resource, as a set of words; nothing where nobody knows.
export async function rightsAt(resource, signal) {
    const { here } = await look("/v1/rights", { resource }, signal);
    return new Set(here);
}

export const look = (path, query, signal) => ask("GET", path, { query, signal });
