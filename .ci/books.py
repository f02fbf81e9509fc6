"""What clients were told, kept in books over all lives of a server, and held against what the server shows after a start
(rules 18, 23, 26, 27).

What was acknowledged must be so, what was not may or may not have happened, and nothing else may be there."""

import threading
import time

from server import Client, Failure

LEASE = 3_600
STOLEN = "urgent"
RESOURCES = [f"crash/{n}" for n in range(6)]


def expect(condition, message):
    if not condition:
        raise Failure(message)


class Wrong(Failure):
    """An answer that no server may give."""


class Ticket:
    """What the book knows of one ticket."""

    def __init__(self, reply):
        self.resource = reply["resource"]
        self.was_held = False
        self.fence = None
        self.lease = reply["lease"]
        self.end = "none"  # or "asked", or "told"
        self.learn(reply)

    def learn(self, reply):
        if reply.get("state") == "acquired":
            self.was_held = True
            self.fence = reply["fence"]


class Book:
    """Everything that was sent and answered, over all lives of the server."""

    def __init__(self):
        self.lock = threading.Lock()
        self.tickets = {}
        self.unanswered = {}  # key -> resource
        self.fences = {}  # resource -> highest
        self.taking = {}  # resource -> how many requests under way end what others have there
        self.taken = {}  # resource -> when the last of them was answered
        self.sessions = []
        self.key = 0
        self.acknowledged = 0

    def next_key(self, resource):
        with self.lock:
            self.key += 1
            key = f"k{self.key}"
            self.unanswered[key] = resource
            return key

    def took(self, key, reply, asked_at):
        """The answer to what was asked for with that key; a clear or a steal may have come between the two."""
        with self.lock:
            if not reply.get("ok") and reply["error"]["code"] == "unavailable":
                # It may have happened all the same: the key finds out.
                return
            self.acknowledged += 1
            self.unanswered.pop(key, None)
            if not reply.get("ok"):
                raise Wrong(f"a queue was answered {reply}")
            self.note(reply)
            if self._may_be_taken(reply["resource"], asked_at):
                self.tickets[reply["ticket"]].end = "asked"

    def note(self, reply):
        known = self.tickets.get(reply["ticket"])
        if known:
            known.learn(reply)
        else:
            self.tickets[reply["ticket"]] = Ticket(reply)
        if "fence" in reply:
            highest = max(self.fences.get(reply["resource"], 0), reply["fence"])
            self.fences[reply["resource"]] = highest

    def takes(self, resource):
        """Somebody asks for the end of what others have there."""
        with self.lock:
            self.taking[resource] = self.taking.get(resource, 0) + 1
            for ticket in self.tickets.values():
                if ticket.resource == resource and ticket.end == "none":
                    ticket.end = "asked"

    def took_all(self, resource):
        with self.lock:
            self.taking[resource] -= 1
            self.taken[resource] = time.monotonic()

    def _may_be_taken(self, resource, asked_at):
        return self.taking.get(resource, 0) > 0 or asked_at < self.taken.get(resource, 0)

    def may_be_forgotten(self, ticket, asked_at):
        """A clear can end more tickets than are remembered."""
        with self.lock:
            return self._may_be_taken(self.tickets[ticket].resource, asked_at)

    def renewed(self, ticket, lease):
        with self.lock:
            self.acknowledged += 1
            self.tickets[ticket].lease = max(self.tickets[ticket].lease, lease)

    def some_ticket(self, generator):
        with self.lock:
            live = [t for t, ticket in self.tickets.items() if ticket.end == "none"]
            return generator.choice(live) if live else None

    def asked_end(self, ticket):
        with self.lock:
            self.tickets[ticket].end = "asked"

    def told_end(self, ticket):
        with self.lock:
            self.acknowledged += 1
            self.tickets[ticket].end = "told"


def step(client, book, generator):
    """One request: mostly a release of somebody's ticket, or a queue."""
    ticket = book.some_ticket(generator)
    chance = generator.random()
    if chance < 0.004:
        clear(client, book, generator.choice(RESOURCES))
    elif chance < 0.008:
        steal(client, book, generator.choice(RESOURCES))
    elif ticket and chance < 0.12:
        renew(client, book, ticket, LEASE + generator.randrange(1_000))
    elif ticket and chance < 0.6:
        release(client, book, ticket)
    else:
        queue(client, book, generator.choice(RESOURCES), generator.randrange(3))


def queue(client, book, resource, priority):
    request = {"op": "queue", "resource": resource, "lease": LEASE, "pollWithin": LEASE, "priority": priority}
    request["key"] = book.next_key(resource)
    asked_at = time.monotonic()
    book.took(request["key"], client.ask(**request), asked_at)


def release(client, book, ticket):
    asked_at = time.monotonic()
    book.asked_end(ticket)
    reply = client.ask(op="release", ticket=ticket)
    if reply.get("ok"):
        book.told_end(ticket)
    else:
        refused(reply, book, ticket, asked_at, "lost")


def renew(client, book, ticket, lease):
    """Longer than before it is durable before it is answered."""
    asked_at = time.monotonic()
    reply = client.ask(op="renew", ticket=ticket, lease=lease)
    if reply.get("ok"):
        book.renewed(ticket, reply["lease"])
    else:
        refused(reply, book, ticket, asked_at, "lost", "not_acquired")


def refused(reply, book, ticket, asked_at, *expected):
    code = reply["error"]["code"]
    if code == "not_found" and book.may_be_forgotten(ticket, asked_at):
        return
    if code not in (*expected, "unavailable"):
        raise Wrong(f"a request about a live ticket was answered {reply}")


def clear(client, book, resource):
    book.takes(resource)
    reply = client.ask(op="clear", resource=resource, reason="a new day")
    if not reply.get("ok") and reply["error"]["code"] != "unavailable":
        raise Wrong(f"a clear was answered {reply}")
    book.took_all(resource)


def steal(client, book, resource):
    """Takes it from whoever holds it."""
    book.takes(resource)
    asked_at = time.monotonic()
    request = {"op": "steal", "resource": resource, "reason": STOLEN, "force": True}
    reply = client.ask(**request, lease=LEASE, pollWithin=LEASE)
    if reply.get("ok"):
        book.took(None, reply, asked_at)
    elif reply["error"]["code"] != "unavailable":
        raise Wrong(f"a steal was answered {reply}")
    book.took_all(resource)


def audit(server, book):
    """Every line of the books against what the server shows."""
    client = Client(server.port, timeout=20)
    book.taking = {}
    shown = {}
    for resource in RESOURCES:
        page = client.take(op="list", resource=resource, limit=1000)
        holders, queue = page["holders"], page["queue"]
        expect(len(holders) <= 1, f"{resource} has {len(holders)} holders")
        expect(not queue or holders, f"{resource} is free and {len(queue)} wait")
        order = [(-view["priority"], view["number"]) for view in queue]
        expect(order == sorted(order), f"the queue of {resource} is out of order: {order}")
        expect(len(queue) == page["queueLength"] or len(queue) == 1000, f"{resource} counts wrong")
        for view in holders + queue:
            shown[view["ticket"]] = view
        if holders:
            highest = book.fences.get(resource, 0)
            fence = holders[0]["fence"]
            known = book.tickets.get(holders[0]["ticket"])
            if known and known.was_held:
                expect(fence == known.fence, f"the fence of a holder of {resource} was {known.fence}, is {fence}")
            else:
                expect(fence > highest, f"{resource}: fence {fence} after {highest}")
                book.fences[resource] = fence
    for ticket, known in list(book.tickets.items()):
        view = shown.pop(ticket, None)
        if known.end == "none":
            expect(view is not None, f"an acknowledged ticket of {known.resource} is gone")
            if known.was_held:
                expect(view["state"] == "acquired", f"a holder of {known.resource} is {view['state']}")
            expect(view["lease"] >= known.lease, f"a lease of {known.lease} s has {view['lease']} s")
            known.learn(view)
        elif known.end == "told":
            expect(view is None, f"a ticket of {known.resource} lives after its release was acknowledged")
            del book.tickets[ticket]
        elif view is None:
            del book.tickets[ticket]
        else:
            known.end = "none"
            known.learn(view)
    # What is left was asked for with a key, and the answer never came: the key finds it.
    for key, resource in list(book.unanswered.items()):
        request = {"op": "queue", "resource": resource, "lease": LEASE, "pollWithin": LEASE, "key": key}
        found = None
        for priority in range(3):
            reply = client.ask(**request, priority=priority)
            if reply.get("ok"):
                found = reply
                break
        expect(found is not None, f"the key {key} is answered {reply}")
        again = client.take(**request, priority=priority)
        expect(again["ticket"] == found["ticket"] and again.get("existing"), f"the key {key} makes two tickets")
        if found["state"] == "released":
            # A clear ended it before anybody was told that it is there.
            del book.unanswered[key]
            continue
        was_there = shown.pop(found["ticket"], None) is not None
        expect(was_there == bool(found.get("existing")), f"the key {key} says existing: {found.get('existing')}")
        book.note(found)
        del book.unanswered[key]
    for ticket, view in list(shown.items()):
        # A steal has no key here: what it made without an answer is known by its reason.
        if view.get("reason") == STOLEN:
            book.note(shown.pop(ticket))
    expect(not shown, f"{len(shown)} tickets that nobody asked for")
    for session, secret in book.sessions:
        other = Client(server.port)
        reply = other.ask(op="hello", version=1, resume={"session": session, "secret": secret})
        expect(reply.get("ok"), f"a session cannot be resumed: {reply}")
        other.close()
    client.close()
