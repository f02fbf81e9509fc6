// What the faultless watcher sees: every resource's events in order. From them the queue and the holders are
// rebuilt, and each grant is held against the order of rule 7, the modes of rule 6 and the fences of rule 18.

import HoldfastModel

/// A resource as its events tell it.
struct WatchedResource {
    struct Line {
        var number: Int
        var label: String
        var fence: Double?
        /// When it came to stand where it stands, or the server started.
        var since: Instant
    }

    /// Rule 15, as far as it is certain.
    struct Closing {
        var delay: Interval
        var until: Instant
        var since: Instant
    }

    var waiting: [Line] = []
    var holders: [Line] = []
    var lastFence = 0.0
    /// By label.
    var endings: [String: String] = [:]
    /// Labels of the ended by their numbers.
    var ended: [Int: String] = [:]
    /// Rule 15: closed to grants at most until then.
    var closedUntil = Instant.zero
    var closing: Closing?
    /// By number: when the holder was told that it is losing, and for how long it may stay.
    var losing: [Int: (at: Instant, grace: Interval)] = [:]
    var endedCount = 0
    /// By label: when the watcher heard of the end, and how many had ended then.
    var lastEnd: [String: (at: Instant, count: Int)] = [:]
}

extension Oracle {
    private static let endings: Set = [
        "released", "cancelled", "expired", "timed_out", "abandoned", "session_ended", "stolen",
        "cleared",
    ]

    /// One event of the watcher.
    func saw(_ notice: JSONLine) {
        guard let kind = notice.text("event"), let path = notice.text("resource"),
            let number = notice.number("number").map({ Int($0) })
        else { return fail("watch", "an event without kind, resource or number") }
        let label = notice.text("holder") ?? "?"
        count("saw \(kind)")
        var resource = resources[path] ?? WatchedResource()
        let line = WatchedResource.Line(
            number: number,
            label: label,
            fence: notice.number("fence"),
            since: now()
        )
        // A resource that was forgotten counts its tickets anew.
        if !Oracle.endings.contains(kind), resource.ended[number] != nil { resource.ended = [:] }
        switch kind {
        case "queued": insert(line, into: &resource, path)
        case "acquired": grant(line, in: &resource, path)
        case "losing": losing(line, notice, in: &resource)
        case "kept": resource.losing[number] = nil
        case let ending where Oracle.endings.contains(ending):
            end(line, ending, notice, in: &resource, path)
        default: break
        }
        resources[path] = resource
    }

    private func insert(
        _ line: WatchedResource.Line,
        into resource: inout WatchedResource,
        _ path: String
    ) {
        guard let own = asked[line.label] else {
            return fail("watch", "a ticket nobody asked for: \(line.label)", path)
        }
        made(line, in: resource, path)
        let index =
            resource.waiting.firstIndex { other in
                asked[other.label].map { own.stands(before: $0) } ?? false
            } ?? resource.waiting.count
        resource.waiting.insert(line, at: index)
    }

    /// Rule 23: the same key is the same ticket while it lives and as long as it is remembered.
    private func made(
        _ line: WatchedResource.Line,
        in resource: WatchedResource,
        _ path: String
    ) {
        madeCount[line.label, default: 0] += 1
        guard madeCount[line.label] ?? 0 > 1 else { return }
        // The SDK tries again with a new key when its session is over, or it learns that the first attempt ended.
        guard let own = asked[line.label], !own.isOfSDK else { return }
        let lives = (resource.waiting + resource.holders).contains { $0.label == line.label }
        expect("idempotent", !lives, path) { "\(line.label) made another ticket while one lives" }
        guard resource.lastEnd[line.label] != nil, own.key != nil else { return }
        expect("remembered", !isRemembered(line.label, in: resource), path) {
            "\(line.label) made another ticket while the ended one is remembered"
        }
    }

    /// Rule 23: whether its end certainly is.
    func isRemembered(_ label: String, in resource: WatchedResource) -> Bool {
        guard let end = resource.lastEnd[label] else { return false }
        return now() < end.at + retain && resource.endedCount - end.count < retainedMax
    }

    private func grant(
        _ line: WatchedResource.Line,
        in resource: inout WatchedResource,
        _ path: String
    ) {
        guard let own = asked[line.label] else {
            return fail("watch", "a ticket nobody asked for: \(line.label)", path)
        }
        expect("fences-rise", (line.fence ?? 0) > resource.lastFence, path) {
            "\(line.label) got fence \(line.fence ?? 0) after \(resource.lastFence)"
        }
        resource.lastFence = max(resource.lastFence, line.fence ?? 0)
        judgeClosing(line.label, resource, path)
        judgeLifeOfDead(own, until: "was granted")
        if let index = resource.waiting.firstIndex(where: { $0.number == line.number }) {
            expect("no-overtaking", index == 0, path) {
                "\(line.label) was granted while \(resource.waiting[0].label) waited before it"
            }
            resource.waiting.remove(at: index)
        } else {
            made(line, in: resource, path)
            let ahead = resource.waiting.first { other in
                asked[other.label].map { !own.stands(before: $0) } ?? false
            }
            expect("no-overtaking", ahead == nil, path) {
                "\(line.label) was granted at once while \(ahead?.label ?? "") waited"
            }
        }
        resource.holders.append(line)
        expect("held-alone", Asked.fit(modes(of: resource.holders)), path) {
            "held together: " + resource.holders.map(\.label).joined(separator: ", ")
        }
    }

    func modes(of lines: [WatchedResource.Line]) -> [Asked.Mode] {
        lines.compactMap { asked[$0.label]?.mode }
    }

    private func end(
        _ line: WatchedResource.Line,
        _ ending: String,
        _ notice: JSONLine,
        in resource: inout WatchedResource,
        _ path: String
    ) {
        let wasHeld = resource.holders.contains { $0.number == line.number }
        let wasWaiting = resource.waiting.contains { $0.number == line.number }
        resource.holders.removeAll { $0.number == line.number }
        resource.waiting.removeAll { $0.number == line.number }
        expect("ends-once", resource.ended[line.number] == nil, path) {
            "\(line.label) ended twice, now \(ending)"
        }
        resource.ended[line.number] = line.label
        // `maxWait` 0 with a steal, and a wait that is over at once, end without having been seen.
        if !wasHeld, !wasWaiting { count("ended unseen") }
        noteEnding(ending, of: line.label, in: &resource)
        resource.endedCount += 1
        resource.lastEnd[line.label] = (now(), resource.endedCount)
        guard let own = asked[line.label] else { return }
        if wasWaiting { judgeLifeOfDead(own, until: "ended \(ending)") }
        if wasHeld { close(&resource, after: line, own, ending) }
        if ending == "stolen" { judgeStolen(line, own, notice, in: resource) }
        resource.losing[line.number] = nil
        judgeEndOfWait(own, ending)
        judgeSession(of: own, endedAs: ending)
        if ending == "session_ended" { judgeSessionKept(own) }
        if let text = textByLabel[line.label] { noteEnd(of: text, ending, heard: true) }
    }

    func noteEnding(_ ending: String, of label: String, in resource: inout WatchedResource) {
        resource.endings[label] = ending
        if ending == "stolen" || ending == "cleared" { taken.insert(label) }
    }

    /// Nothing can run and nothing is on its way: what is due was done.
    func judgeQuiet() {
        for path in resources.keys.sorted() {
            guard let resource = resources[path] else { continue }
            for line in resource.waiting {
                judgeWait(line, path)
                judgeDeadWaiter(line, path)
                judgeSession(of: line, path)
            }
            for line in resource.holders {
                judgeLosing(line, in: resource, path)
                judgeSession(of: line, path)
            }
            judgeWakeUp(resource, path)
        }
    }

    /// Whoever can be granted has been (no lost wake-up).
    private func judgeWakeUp(_ resource: WatchedResource, _ path: String) {
        if let first = resource.waiting.first, let own = asked[first.label],
            resource.closedUntil < now()
        {
            let fits = Asked.fit(modes(of: resource.holders) + [own.mode])
            expect("no-lost-wake-up", !fits, path) {
                "\(first.label) waits though it could hold beside \(resource.holders.map(\.label))"
            }
        }
    }
}
