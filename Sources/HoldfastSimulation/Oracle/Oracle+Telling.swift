// What clients must have been told when nothing is on its way any more: that they lost a ticket (rule 20), and where in
// the queue they stand (PROTOCOL §5).

import HoldfastModel

extension Oracle {
    /// How a ticket stands in the eyes of a client that hears of it on this connection.
    struct Hearing {
        var label: String
        var knowsItIsOver: Bool
        var position: Int?
        var direction: Direction
        /// When the connection came into being.
        var since: Instant
        /// What ended before was maybe forgotten before it could be told: a clear can end more than is remembered,
        /// and the disk keeps it from the watcher for a while.
        var greetedAt: Instant
    }

    /// Everything sent to this client was received.
    func judgeTold(_ hearing: Hearing) {
        guard let own = asked[hearing.label], madeCount[own.label] == 1, isTold(hearing, own),
            !foundAgain.contains(own.label),
            let resource = resources[own.resource]
        else { return }
        if let end = resource.lastEnd[own.label], let ending = resource.endings[own.label] {
            let isThere = isRemembered(own.label, in: resource)
            let from = isThere ? hearing.since : seen(hearing.greetedAt + tellingMax)
            guard isLoss(ending, own), end.at > from else { return }
            expect("told-of-loss", hearing.knowsItIsOver, own.resource) {
                "\(own.label) ended \(ending) and its owner was not told"
            }
        } else if own.isFollowed, let position = hearing.position,
            let index = resource.waiting.firstIndex(where: { $0.label == own.label }), index < 10
        {
            expect("told-its-position", position == index + 1, own.resource) {
                "\(own.label) was told position \(position), and \(index) stand before it"
            }
        }
    }

    /// Events go to one connection, the last that named the ticket or took up its session; whether that is certainly
    /// this one.
    private func isTold(_ hearing: Hearing, _ own: Asked) -> Bool {
        let name = SessionName(client: own.client, epoch: own.sessionEpoch)
        let carriers = own.isBound ? sessions[name]?.carriers ?? [] : []
        // What was written to a connection that broke in silence was told.
        return namers[hearing.label, default: []].allSatisfy { other in
            other === hearing.direction || other.overAt.map { $0 < hearing.since } ?? false
        }
            && carriers.allSatisfy { other in
                other.toServer === hearing.direction
                    || other.goneAt.map { $0 < hearing.since } ?? false
            }
    }

    private func isLoss(_ ending: String, _ own: Asked) -> Bool {
        switch ending {
        case "released", "cancelled": false
        case "session_ended": sessionEpochs[own.client] == own.sessionEpoch && !own.isQuiet
        default: !own.isQuiet
        }
    }

    /// `position` counts from 1, and nobody stands behind the end.
    func judgePosition(_ line: JSONLine, _ resource: String?) {
        guard let position = line.number("position") else { return }
        let length = line.number("queueLength") ?? 0
        expect("position-in-queue", position >= 1 && position <= length, resource) {
            "position \(position) in a queue of \(length)"
        }
    }
}
