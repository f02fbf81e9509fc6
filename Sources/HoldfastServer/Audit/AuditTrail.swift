// What operators may have to answer for (rules 21, 22, 29, 30), written down as it was decided: in a file where one is
// named, and who was not let in is in the log as well. A file that cannot be written stops nobody from working; the log
// says so, once until it can be written again.

import HoldfastCoordinator
import HoldfastModel
import HoldfastSystem

/// The witness of one server.
final class AuditTrail: Witness {
    private let path: String?
    private let tell: @Sendable (String) -> Void
    private let state: Locked<State>

    /// Of more the refusals are counted together.
    fileprivate static let refusedNamesMax = 1_024

    fileprivate struct State {
        var file: AppendFile?
        var peers: [ConnectionID: String] = [:]
        var strangers = RefusalCount()
        /// Whoever shook hands without a certificate to believe.
        var handshakes = RefusalCount()
        /// By principal.
        var refused: [String: RefusalCount] = [:]
        var isBroken = false
    }

    /// Opens the file; nil where there is none to write.
    init(_ path: String?, tell: @escaping @Sendable (String) -> Void) throws(StartError) {
        self.path = path
        self.tell = tell
        state = Locked(State(file: try AuditTrail.open(path)))
    }

    private static func open(_ path: String?) throws(StartError) -> AppendFile? {
        guard let path else { return nil }
        do { return try AppendFile(path) } catch { throw .access("the audit file: \(error)") }
    }

    /// Opens the file anew, because somebody moved it away; what was open stays so where that fails.
    func reopen() throws(StartError) {
        guard let file = try AuditTrail.open(path) else { return }
        state.withLock { state in
            state.file = file
            state.isBroken = false
        }
    }

    func note(_ line: AuditLine) {
        guard path != nil else { return }
        let bytes = line.bytes
        let flaw: SystemError? = state.withLock { state in
            do throws(SystemError) {
                try state.file?.append(bytes)
                state.isBroken = false
                return nil
            } catch {
                defer { state.isBroken = true }
                return state.isBroken ? nil : error
            }
        }
        if let flaw { tell("the audit file cannot be written: \(flaw)") }
    }

    // MARK: Witness

    var sees: Bool { path != nil }

    func connectionBegan(_ connection: ConnectionID, from peer: String) {
        guard sees else { return }
        state.withLock { $0.peers[connection] = peer }
    }

    func connectionEnded(_ connection: ConnectionID) {
        guard sees else { return }
        state.withLock { state in
            state.peers[connection] = nil
            // A crowd that left must not keep its table.
            if state.peers.isEmpty { state.peers = [:] }
        }
    }

    func saw(_ deed: Deed) {
        let (peer, untold) = state.withLock { state in
            (state.peers[deed.connection], state.untold(before: deed))
        }
        guard let untold else { return }
        var line = AuditLine(deed, from: peer)
        if untold > 0 { line.count = untold + 1 }
        note(line)
    }

    func saw(strangerFrom peer: String, at wall: WallTime) {
        guard let untold = state.withLock({ $0.strangers.note(at: wall) }) else { return }
        let more = untold == 0 ? "" : ", and \(untold) more since the last time this was said"
        tell("somebody at \(peer) showed a token or a certificate that is not known here\(more)")
        note(strangerFrom: peer, untold, at: wall)
    }

    /// The same for a certificate; the log was told by whoever shook hands.
    func saw(strangerFrom peer: String, because failure: TLSFailure, at wall: WallTime) {
        guard sees, let untold = state.withLock({ $0.handshakes.note(at: wall) }) else { return }
        note(strangerFrom: peer, because: failure.descriptionForServer, untold, at: wall)
    }

    private func note(
        strangerFrom peer: String,
        because reason: String? = nil,
        _ untold: Int,
        at wall: WallTime
    ) {
        var line = AuditLine(at: wall, event: "authentication_failed")
        line.from = peer
        line.reason = reason
        line.outcome = ErrorCode.unauthenticated.rawValue
        if untold > 0 { line.count = untold + 1 }
        note(line)
    }
}

extension AuditTrail.State {
    /// How many refusals before this one are in no line; nil where this one is to be in none either.
    ///
    /// What was done is always told.
    fileprivate mutating func untold(before deed: Deed) -> Int? {
        guard case .refused = deed.answer else { return 0 }
        // Names that are made up must not stay here.
        if refused.count >= AuditTrail.refusedNamesMax {
            refused = refused.filter { !$0.value.isOver(at: deed.at) }
        }
        var name = deed.principal.owner.name
        if refused.count >= AuditTrail.refusedNamesMax, refused[name] == nil { name = "" }
        return refused[name, default: RefusalCount()].note(at: deed.at)
    }
}
