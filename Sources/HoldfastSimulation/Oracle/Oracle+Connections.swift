// What the end of a connection brings about: a `lock` that waits there is cancelled (rule 8, PROTOCOL §3), and a
// session that no other connection carries is over after its grace (rule 5), with everything bound to it.
//
//     carrier ───────────┤ gone        the server sees it
//     session            └── grace ──┤ ended, and so are its tickets
//
// Where the server itself closed a connection, nothing is asked of the waits there.

import HoldfastModel

/// A session by its client, and which of that client's sessions it is.
struct SessionName: Hashable {
    var client: Int
    var epoch: Int
}

/// A session as the oracle follows it.
struct KnownSession {
    var grace: Interval
    /// What carried it, or was asked to.
    var carriers: [Link]
    /// The grace begins no earlier than this.
    var from: Instant
    /// Its client said `bye` and was answered.
    var byeAt: Instant?

    mutating func startAgain(at now: Instant) {
        carriers = []
        from = now
    }
}

/// A request with `ifMine` on its way.
struct Finder {
    var client: Int
    var resource: String
    var direction: Direction
}

extension Oracle {
    // MARK: Sessions

    /// An answer told of the session, on that connection.
    func sessionOpened(_ name: SessionName, grace: Interval, over link: Link) {
        let known = sessions[name]
        sessions[name] = KnownSession(
            grace: grace,
            carriers: (known?.carriers ?? []) + [link],
            from: known?.from ?? now()
        )
    }

    /// It may be resumed there, whenever that request arrives.
    func sessionMayResume(_ name: SessionName, over link: Link) {
        sessions[name]?.carriers.append(link)
    }

    func sessionSaidBye(_ name: SessionName) {
        let at = now()
        if sessions[name]?.byeAt == nil { sessions[name]?.byeAt = at }
    }

    /// The latest time at which the session of this ticket can have ended; nil while that is open.
    func sessionOver(of own: Asked) -> Instant? {
        let name = SessionName(client: own.client, epoch: own.sessionEpoch)
        guard own.isBound, !boundElsewhere.contains(own.label), let session = sessions[name]
        else { return nil }
        if let byeAt = session.byeAt { return byeAt }
        var over = session.from
        for carrier in session.carriers {
            guard let goneAt = carrier.goneAt, !carrier.toServer.mayBePutOff else { return nil }
            over = max(over, seen(goneAt))
        }
        return over + session.grace
    }

    /// Rule 5: nothing outlives its session.
    func judgeSession(of line: WatchedResource.Line, _ path: String) {
        guard let own = asked[line.label], own.isBound else { return }
        count("looked at a bound ticket")
        guard let over = sessionOver(of: own) else { return }
        expect("ends-with-session", now() <= over + Oracle.patience, path) {
            "\(line.label) lives though its session ended at the latest at \(over.nanoseconds / 1_000_000)"
        }
    }

    /// It ended in another way, long after its session must have ended it.
    func judgeSession(of own: Asked, endedAs ending: String) {
        guard ending == "expired" || ending == "session_ended", !mayBeOld(now()),
            let over = sessionOver(of: own)
        else { return }
        // With small limits the end of a connection is read behind requests that wait for the disk.
        let slack = Interval.seconds(isReadAtOnce ? 2 : 5)
        // Its tickets end when its own end is durable.
        let told = seen(seen(over) + tellingMax)
        expect("ends-with-session", told + slack >= now(), own.resource) {
            "\(own.label) \(ending), and its session ended at the latest at \(over.nanoseconds / 1_000_000)"
        }
    }

    /// Rule 5: an answered request keeps the session for its grace.
    func judgeSessionKept(_ own: Asked) {
        guard own.isBound, !boundElsewhere.contains(own.label),
            sessionEpochs[own.client] == own.sessionEpoch,
            let until = sessionTrust[own.client]
        else { return }
        expect("sessions-kept", now() >= until, own.resource) {
            "\(own.label) lost its session before \(until.nanoseconds / 1_000_000)"
        }
    }

    // MARK: Waits

    /// Its owner named a ticket in a request of this connection that makes the server tell it of the ticket there.
    func names(_ label: String, over direction: Direction, waits: Bool) {
        // One that asks again may be lost on its way, and the ticket is there all the same.
        lockers[label] = waits && madeCount[label] == nil ? direction : nil
        guard namers[label]?.contains(where: { $0 === direction }) != true else { return }
        let isNew = namers[label] == nil
        namers[label, default: []].append(direction)
        guard isNew, let own = asked[label] else { return }
        for finder in finders where finder.client == own.client && finder.resource == own.resource {
            // It was sent before, and may arrive after.
            let other = finder.direction
            guard other !== direction, other.overAt == nil || other.mayBePutOff else { continue }
            foundAgain.insert(label)
            names(label, over: other, waits: false)
        }
    }

    /// A request with `ifMine` may find any live ticket of its owner there, and name it.
    func mayFind(ticketsOf client: Int, on resource: String, over direction: Direction) {
        finders.append(Finder(client: client, resource: resource, direction: direction))
        for (label, own) in asked where own.client == client && own.resource == resource {
            foundAgain.insert(label)
            names(label, over: direction, waits: false)
        }
    }

    /// Since when a `lock` waits for nobody: its only connection is gone, and no session carries it on.
    private func deadSince(_ own: Asked) -> Instant? {
        guard isReadAtOnce, !own.isBound, let locker = lockers[own.label],
            !locker.mayBePutOff, namers[own.label]?.count == 1
        else { return nil }
        return locker.overAt.map(seen)
    }

    /// Rule 8: tickets that ended are gone from the queue at once.
    func judgeDeadWaiter(_ line: WatchedResource.Line, _ path: String) {
        guard let own = asked[line.label], let deadSince = deadSince(own) else { return }
        expect("no-dead-waiter", now() <= deadSince + Oracle.patience, path) {
            "\(line.label) waits for a connection that ended at \(deadSince.nanoseconds / 1_000_000)"
        }
    }

    /// PROTOCOL §7: a dead waiter must never be granted; nor does it stay until something else ends it.
    ///
    /// A wait is known when its ticket is durable, and its end is to be made durable after that.
    func judgeLifeOfDead(_ own: Asked, until event: String) {
        guard let deadSince = deadSince(own), !mayBeOld(now()) else { return }
        let end = seen(deadSince + tellingMax) + tellingMax + .milliseconds(100)
        expect("no-dead-waiter", now() <= end, own.resource) {
            "\(own.label) \(event), and its connection ended at \(deadSince.nanoseconds / 1_000_000)"
        }
    }
}
