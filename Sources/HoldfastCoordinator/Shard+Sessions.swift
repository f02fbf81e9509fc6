// Sessions of a shard (rule 5), and what a session's end or return means for the tickets on this
// loop. A session lives on the shard of the connection that opened it; its tickets may be anywhere.

import HoldfastCore
import HoldfastJournal
package import HoldfastModel
import Synchronization

extension Shard {
    /// A new session for a connection of this loop.
    package func openSession(
        owner: Owner,
        grace: Interval,
        connection: ConnectionID
    ) throws(Refusal) -> CarriedSession {
        if let refusal = setting.census.refusalForMemory { throw refusal }
        let count = setting.census.sessions.wrappingAdd(1, ordering: .relaxed).newValue
        guard count <= setting.limits.sessions else {
            setting.census.sessions.wrappingSubtract(1, ordering: .relaxed)
            let sessions = setting.limits.sessions.counted("session")
            throw .exceeded(.sessions, "the server has \(sessions) already")
        }
        let record = OpenedSession(
            id: newSessionID(),
            secret: newSecret(),
            owner: owner,
            grace: grace
        )
        let session = add(record, .here(connection))
        desk.value.file(.opened(record))
        return session.carried(resumed: false)
    }

    private func add(_ record: OpenedSession, _ presence: Session.Presence) -> Session {
        let session = Session(record, presence, handle: newSessionHandle(), home: home)
        sessions[record.id] = session
        sessionByHandle[Int(session.handle)] = session
        return session
    }

    /// A session that was read back; nobody carries it.
    func restore(_ record: OpenedSession) {
        setting.census.sessions.wrappingAdd(1, ordering: .relaxed)
        _ = add(record, .away(until: .never))
    }

    /// Takes a session up on a new connection; the older one is told goodbye.
    package func resumeSession(
        _ id: SessionID,
        secret: String,
        owner: Owner,
        connection: ConnectionID
    ) async throws(Refusal) -> CarriedSession {
        guard let session = sessions[id], session.record.owner == owner,
            session.record.secret.isSameSecret(as: secret)
        else { throw .unknownSession }
        guard case .resumed(let older) = await session.resume(on: connection) else {
            throw .unknownSession
        }
        desk.value.clock.disarm(session: session.handle)
        if let older { setting.postOffice.sayGoodbye(.resumedElsewhere, to: older) }
        return session.carried(resumed: true)
    }

    /// The connection that carried it ended: the grace runs from now.
    package func leaveSession(_ id: SessionID, connection: ConnectionID) async {
        guard let session = sessions[id],
            let deadline = await session.leave(connection, at: loop.reading.now)
        else { return }
        desk.value.clock.arm(session: session.handle, for: deadline)
    }

    /// Ends it at once; where a connection says so, only if that carries it.
    ///
    /// True when it was there.
    package func endSession(_ id: SessionID, saidBy connection: ConnectionID?) async -> Bool {
        guard let session = sessions[id], await session.end(saidBy: connection) else {
            return false
        }
        forget(session)
        return true
    }

    func endDueSessions() async {
        while let handle = desk.value.clock.takeDueSession(at: reading.now) {
            guard let session = sessionByHandle[Int(handle)],
                await session.endIfGraceIsOver(at: reading.now)
            else { continue }
            forget(session)
        }
    }

    private func forget(_ session: Session) {
        desk.value.file(.ended(session.id))
        drop(session)
    }

    func drop(_ session: Session) {
        desk.value.clock.disarm(session: session.handle)
        sessions[session.id] = nil
        sessionByHandle[Int(session.handle)] = nil
        freeSessionHandles.append(session.handle)
        if sessions.isEmpty {
            sessions = [:]
            sessionByHandle = []
            freeSessionHandles = []
        }
        setting.census.sessions.wrappingSubtract(1, ordering: .relaxed)
    }

    private func newSessionHandle() -> UInt32 {
        if let handle = freeSessionHandles.popLast() { return handle }
        sessionByHandle.append(nil)
        return UInt32(sessionByHandle.count - 1)
    }

    private func newSessionID() -> SessionID {
        while true {
            let random = randomness.value.next()
            let slot = slots[Int(random >> 56) % slots.count]
            let id = SessionID(slot: slot, random: random)
            if sessions[id] == nil { return id }
        }
    }

    /// 192 random bits in base64url.
    private func newSecret() -> String {
        var characters: [UInt8] = []
        for _ in 0..<3 {
            var word = randomness.value.next()
            for _ in 0..<10 {
                characters.append(Base64URL.character(of: UInt8(truncatingIfNeeded: word & 63)))
                word >>= 6
            }
        }
        return String(decoding: characters, as: UTF8.self)
    }
}

// MARK: - Tickets of sessions and connections on this loop

extension Shard {
    func endTickets(of session: SessionID) {
        reading = loop.reading
        for (handle, tickets) in desk.value.bindings.take(session) {
            guard let resource = table.resource(handle: handle) else { continue }
            step(resource, .sessionEnded(session, tickets: tickets))
        }
    }

    func resumeTickets(of life: SessionLife, on connection: ConnectionID) {
        // Else what would be noted of it here would stay.
        guard !life.isOver else { return }
        let session = life.id
        reading = loop.reading
        desk.value.bindings.carry(session, by: connection)
        for (handle, tickets) in desk.value.bindings.of(session) {
            guard let resource = table.resource(handle: handle) else { continue }
            step(resource, .sessionResumed(session, connection, tickets: tickets))
        }
    }

    package func end(_ ends: WaitEnds, of connection: ConnectionID) {
        reading = loop.reading
        let untold = ends.withUntold ? desk.value.untoldWaits(of: connection) : []
        for place in ends.places + untold {
            let event = Event.connectionEnded(connection, waitingOn: [place.ticketIndex])
            step(place.resource, event)
        }
    }
}

/// What a connection has of the session that it carries.
package struct CarriedSession: Sendable {
    package let life: SessionLife
    package let shown: HelloAnswer.Session
}

extension Session {
    fileprivate nonisolated func carried(resumed: Bool) -> CarriedSession {
        let shown = HelloAnswer.Session(
            id: id,
            secret: record.secret,
            grace: grace,
            resumed: resumed
        )
        return CarriedSession(life: life, shown: shown)
    }
}

extension String {
    /// Looks at every byte, so that the time it takes does not tell how much was right.
    fileprivate func isSameSecret(as other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        return zip(utf8, other.utf8).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

extension Refusal {
    package static let unknownSession = Refusal(
        .notFound,
        "no such session: it ended, or the session or its secret is another's; start a new one"
    )
}
