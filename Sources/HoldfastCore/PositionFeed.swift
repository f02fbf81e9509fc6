// `position` events (PROTOCOL §5): who stands among the first ten hears at once of every step
// forward, the others at most once a second, in slices. A queue that nobody follows pays nothing.

import HoldfastModel

/// Who follows its position, and what each was told last.
struct PositionFeed: Sendable {
    struct Told: Sendable {
        var position: Int
        var at: Instant
        /// Its place in `followers`.
        var place: Int
    }

    private(set) var followers: [UInt32] = []
    private(set) var told: [UInt32: Told] = [:]
    /// The queue changed since the followers behind the tenth were last looked at.
    private var isStale = false
    private var didQueueChange = false
    /// When the next sweep over all followers may begin, or go on.
    private var sweepAt = Instant.never
    /// Where the sweep stands; nil while none is under way.
    private var cursor: Int?

    static let followedAtOnce = 10
    static let sliceCount = 256
    static let pause = Interval.seconds(1)

    var isEmpty: Bool { followers.isEmpty }
    var nextDeadline: Instant { isEmpty ? .never : sweepAt }

    mutating func queueChanged() {
        guard !isEmpty else { return }
        didQueueChange = true
    }

    /// True once after the queue changed.
    mutating func takeChange(at now: Instant) -> Bool {
        guard didQueueChange else { return false }
        didQueueChange = false
        isStale = true
        if sweepAt == .never { sweepAt = now + PositionFeed.pause }
        return true
    }

    mutating func tell(_ index: UInt32, _ position: Int, at now: Instant) {
        guard let before = told[index] else {
            told[index] = Told(position: position, at: now, place: followers.count)
            followers.append(index)
            return
        }
        told[index] = Told(position: position, at: now, place: before.place)
    }

    /// What it was told is not known any more: it is told again, as if its position had changed.
    mutating func forgetTold(_ index: UInt32) {
        told[index]?.position = 0
        queueChanged()
    }

    mutating func remove(_ index: UInt32) {
        guard let gone = told.removeValue(forKey: index) else { return }
        let last = followers.removeLast()
        if last != index {
            followers[gone.place] = last
            told[last]?.place = gone.place
        }
        // Who moved to its place may have moved behind a sweep that is under way.
        didQueueChange = true
        if isEmpty { self = PositionFeed() }
    }

    /// The next followers to look at, where a sweep is due.
    mutating func nextSlice(at now: Instant) -> [UInt32] {
        guard !isEmpty, sweepAt <= now else { return [] }
        let start = min(cursor ?? 0, followers.count)
        if cursor == nil { isStale = false }
        let end = min(start + PositionFeed.sliceCount, followers.count)
        if end < followers.count {
            cursor = end
            sweepAt = now
        } else {
            cursor = nil
            sweepAt = isStale ? now + PositionFeed.pause : .never
        }
        return Array(followers[start..<end])
    }

    /// Somebody was told less than a second ago and has to be told again.
    mutating func sweepAgain(at instant: Instant) {
        isStale = true
        if cursor == nil { sweepAt = min(sweepAt, instant) }
    }

    func checkInvariants() {
        precondition(followers.count == told.count, "followers miscounted")
        for (place, index) in followers.enumerated() {
            precondition(told[index]?.place == place, "a follower is not where it says")
        }
    }
}

extension LockState {
    /// A reply just told the ticket's place: from there its changes are followed, if it asked for
    /// them.
    mutating func follow(_ index: UInt32) {
        let wants = tickets[index].phase == .queued && tickets[index].notify == .position
        guard wants, tickets[index].connection != .none else { return unfollow(index) }
        tickets[index].traits.insert(.followed)
        let position = place(of: index).position
        extras.value.feed.tell(index, position, at: tickets[index].heardAt)
    }

    mutating func unfollow(_ index: UInt32) {
        guard tickets[index].traits.contains(.followed) else { return }
        tickets[index].traits.remove(.followed)
        extras.value.feed.remove(index)
    }

    /// At the end of a step: the first ten hear at once.
    mutating func followPositions(at reading: ClockReading, _ effects: inout Effects) {
        guard !extras.value.feed.isEmpty, extras.value.feed.takeChange(at: reading.now) else {
            return
        }
        let limit = PositionFeed.followedAtOnce
        let order = extras.value.order
        let first = order.nodes(after: 0, limit: limit, under: extras.value.queue)
        for (rank, index) in first.enumerated() where tickets[index].traits.contains(.followed) {
            tellPosition(index, rank + 1, at: reading.now, &effects)
        }
    }

    /// As time passes: a slice of the others, each at most once a second.
    mutating func sweepPositions(at reading: ClockReading, _ effects: inout Effects) {
        guard extras.value.feed.nextDeadline <= reading.now else { return }
        for index in extras.value.feed.nextSlice(at: reading.now) {
            guard let told = extras.value.feed.told[index] else { continue }
            let position = place(of: index).position
            let earliest = told.at + PositionFeed.pause
            if position == told.position || earliest <= reading.now {
                tellPosition(index, position, at: reading.now, &effects)
            } else {
                extras.value.feed.sweepAgain(at: earliest)
            }
        }
    }

    private mutating func tellPosition(
        _ index: UInt32,
        _ position: Int,
        at now: Instant,
        _ effects: inout Effects
    ) {
        guard extras.value.feed.told[index]?.position != position else { return }
        extras.value.feed.tell(index, position, at: now)
        let place = QueuePlace(position: position, queueLength: queueLength)
        tell(index, .position(id(of: index), place), &effects)
    }
}
