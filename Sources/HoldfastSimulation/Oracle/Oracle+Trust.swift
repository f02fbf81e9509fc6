// Rules 5 and 13: what clients trust, and that no two trust what cannot be held together. A victim of a steal or a
// clear may still trust: it is excused once its ending is known, which may be later than the overlap; so overlaps
// are kept and judged at the end of the seed.
//
//     A  trust──────────────────────┤until
//     B               trust begins ^ here: A's must be over, or A was stolen from or cleared

import HoldfastModel

/// A lock as its holder trusts it.
struct TrustEntry {
    var label: String
    var client: Int
    var resource: String
    var mode: Asked.Mode
    var until: Instant
    var isBound: Bool
    /// Asked instead where the SDK decides.
    var live: (@Sendable () -> Bool)?
}

extension Oracle {
    /// A client now trusts its ticket until then.
    func trusts(_ asked: Asked, until: Instant, live: (@Sendable () -> Bool)? = nil) {
        guard !letGo.contains(asked.label) else { return }
        let index = trust.firstIndex { $0.label == asked.label }
        let wasTrusted = index.map { isTrusted(trust[$0]) } ?? false
        let entry = TrustEntry(
            label: asked.label,
            client: asked.client,
            resource: asked.resource,
            mode: asked.mode,
            until: until,
            isBound: asked.isBound,
            live: live
        )
        if let index { trust[index] = entry } else { trust.append(entry) }
        if !wasTrusted, isTrusted(entry) { lookForOthers(beside: entry) }
    }

    /// An answer on a session was received: what is bound to it may be trusted again for the grace.
    func trustsSession(of client: Int, until: Instant) {
        guard until > sessionTrust[client] ?? .zero else { return }
        let before = trust.filter { $0.client == client && $0.isBound && !isTrusted($0) }
        sessionTrust[client] = until
        for entry in before where isTrusted(entry) { lookForOthers(beside: entry) }
    }

    /// Its client asked for its release, which may arrive whenever: nobody trusts it again, not even whoever finds it
    /// by `ifMine` after the client crashed.
    func letsGo(_ label: String) {
        letGo.insert(label)
        endTrust(label)
    }

    func endTrust(_ label: String) { trust.removeAll { $0.label == label } }

    func endTrust(ofClient client: Int, onlyBound: Bool = false) {
        trust.removeAll { $0.client == client && (!onlyBound || $0.isBound) }
        sessionTrust[client] = nil
    }

    private func isTrusted(_ entry: TrustEntry) -> Bool {
        if let live = entry.live { return live() }
        guard entry.until > now() else { return false }
        return !entry.isBound || (sessionTrust[entry.client] ?? .zero) > now()
    }

    private func lookForOthers(beside entry: TrustEntry) {
        count("check exclusion")
        let others = trust.filter {
            $0.resource == entry.resource && $0.label != entry.label && isTrusted($0)
        }
        guard !others.isEmpty else { return }
        count("trusted beside others")
        if Asked.fit(others.map(\.mode) + [entry.mode]) { return }
        for other in others {
            doubtful.append((other.label, entry.label, entry.resource, now()))
        }
    }

    /// At the end: every overlap has an excuse, or is a violation.
    func judgeOverlaps() {
        // Of permits only all together are too many: one excused ticket excuses the overlap.
        var groups: [String: [(old: String, resource: String, at: Instant)]] = [:]
        var order: [String] = []
        for overlap in doubtful {
            let key = "\(overlap.new) \(overlap.at.nanoseconds)"
            if groups[key] == nil { order.append(key) }
            groups[key, default: []].append((overlap.old, overlap.resource, overlap.at))
        }
        for key in order {
            let group = groups[key] ?? []
            if group.contains(where: { wasTaken($0.old) })
                || wasTaken(String(key.prefix { $0 != " " }))
            {
                count("overlap excused by steal or clear")
                continue
            }
            let olds = group.map { "\($0.old) (\(endingText($0.old)))" }.joined(separator: ", ")
            fail("exclusion", "\(key) trusts its lock, and so do \(olds)", group.first?.resource)
        }
    }

    private func endingText(_ label: String) -> String {
        let resource = asked[label]?.resource ?? ""
        return resources[resource]?.endings[label] ?? "not ended"
    }

    private func wasTaken(_ label: String) -> Bool {
        taken.contains(label)
    }
}
