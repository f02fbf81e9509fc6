// Durations other than leases: how long a waiter waits (rules 16 and 17), how long a resource stays closed (rule 15).
// What must last is measured from the last time that is certainly early enough, what must end from the last time
// that is late enough; so these can only miss, never accuse wrongly.

import HoldfastModel

extension Oracle {
    // MARK: Waiting

    /// Rule 16: a wait that is over ends the ticket.
    func judgeWait(_ line: WatchedResource.Line, _ path: String) {
        guard let own = asked[line.label], let maxWait = own.maxWait else { return }
        let end = seen(max(line.since, readyAt) + maxWait)
        expect("waits-end", now() <= end + Oracle.patience, path) {
            "\(line.label) waits since \(line.since.nanoseconds / 1_000_000) with maxWait \(maxWait.seconds)"
        }
    }

    /// Rules 16 and 17: nobody is sent away before the time it gave.
    func judgeEndOfWait(_ own: Asked, _ ending: String) {
        switch ending {
        case "timed_out":
            guard let wait = own.shortestWait, !foundAgain.contains(own.label) else { return }
            expect("waits-kept", now() >= own.at + wait, own.resource) {
                "\(own.label) timed out before its \(wait.seconds) s were over"
            }
        case "abandoned":
            // A `lock` whose client was gone before its grant could be told waits for nobody; and one with `ifMine`
            // may have waited on this ticket.
            guard own.op != "lock", !foundAgain.contains(own.label),
                let pollWithin = own.pollWithin,
                let heardAt = heardAt[own.label]
            else { return }
            expect("waits-kept", now() >= heardAt + pollWithin, own.resource) {
                "\(own.label) was abandoned, and heard at \(heardAt.nanoseconds / 1_000_000)"
            }
        default: break
        }
    }

    // MARK: Lock delays

    /// Rule 15: a holder whose grant was seen ended so that the resource stays closed.
    func close(
        _ resource: inout WatchedResource,
        after line: WatchedResource.Line,
        _ own: Asked,
        _ ending: String
    ) {
        guard own.lockDelay > .zero, ending == "expired" || ending == "session_ended" else {
            return
        }
        resource.closedUntil = max(resource.closedUntil, now() + own.lockDelay)
        // A key that was forgotten made another ticket, of which nobody may have seen the grant.
        guard let text = textByLabel[own.label], let seen = tickets[text]?.fence,
            seen == line.fence, !mayBeOld(now())
        else { return }
        let until = now() + own.lockDelay
        guard until > resource.closing?.until ?? .zero else { return }
        resource.closing = WatchedResource.Closing(delay: own.lockDelay, until: until, since: now())
    }

    /// Rule 15: closed to every new grant in any mode, unless it was cleared.
    func judgeClosing(_ label: String, _ resource: WatchedResource, _ path: String) {
        guard let closing = resource.closing else { return }
        let clearedAt = lastClear[path] ?? .zero
        guard clearedAt + .seconds(10) < closing.since else { return }
        expect("lock-delay", now() + tellingMax >= closing.until, path) {
            "\(label) was granted before \(closing.until.nanoseconds / 1_000_000), closed until then"
        }
    }
}

extension Asked {
    /// What its client gave as the end of its waiting.
    var shortestWait: Interval? {
        guard let maxWait, let wait else { return maxWait ?? wait }
        return min(maxWait, wait)
    }
}
