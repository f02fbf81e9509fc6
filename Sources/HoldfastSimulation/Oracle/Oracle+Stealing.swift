// Rule 21: what is taken from a holder was given to be taken, or by force; and not before its grace is over.

import HoldfastModel

extension Oracle {
    /// A holder is to go: the stealer is the last that came.
    func losing(
        _ line: WatchedResource.Line,
        _ notice: JSONLine,
        in resource: inout WatchedResource
    ) {
        let by = notice.text("by")
        let stealer = resource.waiting.compactMap { asked[$0.label] }.last {
            $0.isSteal && $0.principal == by
        }
        guard let stealer else { return count("losing without a stealer") }
        guard !mayBeOld(now()) else { return }
        resource.losing[line.number] = (now(), stealer.grace)
    }

    func judgeStolen(
        _ line: WatchedResource.Line,
        _ own: Asked,
        _ notice: JSONLine,
        in resource: WatchedResource
    ) {
        let by = notice.text("by")
        let isForced = steals.contains {
            $0.isForced && $0.resource == own.resource && $0.principal == by
        }
        expect("stolen-by-consent", own.isStealable || isForced, own.resource) {
            "\(own.label) was stolen by \(by ?? "?"), is not stealable and nobody forced it"
        }
        guard let losing = resource.losing[line.number] else { return }
        let until = max(losing.at, readyAt) + losing.grace
        expect("graces-kept", now() + tellingMax >= until, own.resource) {
            "\(own.label) was stolen before \(until.nanoseconds / 1_000_000), its grace of \(losing.grace.seconds) s"
        }
    }

    /// Rule 21: when the grace is over, it is gone, unless an earlier stealer, who is granted first, waits for the
    /// grace of another holder, or was granted beside it, because their modes fit: then the later stealer waits for
    /// that one.
    func judgeLosing(_ line: WatchedResource.Line, in resource: WatchedResource, _ path: String) {
        guard let losing = resource.losing[line.number], losing.at > readyAt,
            resource.closedUntil < now()
        else { return }
        let isBesideAnother = resource.holders.contains {
            resource.losing[$0.number] == nil && losing.at < $0.since
        }
        guard !isBesideAnother else { return }
        let graces = resource.holders.compactMap { resource.losing[$0.number] }
        let last = graces.map { $0.at + $0.grace }.max() ?? losing.at + losing.grace
        let until = seen(max(last, resource.closedUntil + losing.grace))
        expect("graces-end", now() <= until + Oracle.patience, path) {
            "\(line.label) still holds after its grace, which ended at \(until.nanoseconds / 1_000_000)"
        }
    }
}
