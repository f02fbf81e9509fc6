// Who is to lose what to whom (rule 21). A thousand stealers may have claims on one holder, and one stealer on
// a hundred thousand: a claim is dropped by counting, without looking for it.

import HoldfastModel

/// The claims of stealers on holders; both tables are only looked up, never walked.
struct StealBook: Sendable {
    /// By victim.
    private var losings: [UInt32: Losing] = [:]
    /// By stealer; may name victims that ended since.
    private var victims: [UInt32: [Victim]] = [:]
    private var serial: UInt64 = 0
    /// Of all waiting stealers, also those on victims that ended since.
    private(set) var claimCount = 0

    var losingCount: Int { losings.count }

    /// A holder that is to go.
    struct Losing: Sendable {
        /// Of the first claim; a later steal never shortens it.
        var until: Instant
        var grace: Interval
        /// The grace is over, and a stealer takes it as soon as one can be granted.
        var isOverdue = false
        /// Tells it from an earlier one of the same index.
        fileprivate(set) var serial: UInt64
        fileprivate(set) var claimCount = 0
        /// In the order of their claims; may name stealers that have none any more.
        fileprivate(set) var claimants: [Claimant] = []
    }

    /// A stealer by index, and by number, because an index is used again.
    struct Claimant: Hashable, Sendable {
        var ticket: UInt32
        var number: UInt64
    }

    /// A victim by index, and by the losing it was part of.
    struct Victim: Sendable {
        var ticket: UInt32
        fileprivate var serial: UInt64
    }

    func losing(_ victim: UInt32) -> Losing? { losings[victim] }
    func victims(of stealer: UInt32) -> [Victim] { victims[stealer] ?? [] }

    /// True where nobody had a claim on this victim before.
    mutating func claim(
        _ victim: UInt32,
        for stealer: Claimant,
        grace: Interval,
        from now: Instant
    ) -> Bool {
        claimCount += 1
        let isNew = losings[victim] == nil
        if isNew {
            serial += 1
            losings[victim] = Losing(until: now + grace, grace: grace, serial: serial)
        }
        losings[victim]?.claimCount += 1
        losings[victim]?.claimants.append(stealer)
        let current = losings[victim]?.serial ?? serial
        victims[stealer.ticket, default: []].append(Victim(ticket: victim, serial: current))
        return isNew
    }

    /// True where that was the last claim on this victim.
    mutating func dropClaim(on victim: Victim) -> Bool {
        guard let losing = losings[victim.ticket], losing.serial == victim.serial else {
            return false
        }
        losings[victim.ticket]?.claimCount -= 1
        guard losing.claimCount == 1 else { return false }
        losings[victim.ticket] = nil
        return true
    }

    /// Forgets the claimants that are none any more, once they are most of the list.
    mutating func tidyClaimants(on victim: UInt32, _ isLive: (Claimant) -> Bool) {
        guard let losing = losings[victim], losing.claimants.count > 8 + 2 * losing.claimCount
        else { return }
        losings[victim]?.claimants.removeAll { !isLive($0) }
    }

    mutating func remove(victim: UInt32) { losings[victim] = nil }
    mutating func remove(stealer: UInt32) {
        claimCount -= victims.removeValue(forKey: stealer)?.count ?? 0
    }
    mutating func setOverdue(_ victim: UInt32) { losings[victim]?.isOverdue = true }

    /// Rule 14: the grace starts again in full.
    mutating func restart(_ victim: UInt32, at now: Instant) {
        guard let grace = losings[victim]?.grace else { return }
        losings[victim]?.until = now + grace
        losings[victim]?.isOverdue = false
    }
}

extension TicketArena {
    /// Whether this stealer is still one: granted or ended, it has no claims.
    func isWaiting(_ claimant: StealBook.Claimant) -> Bool {
        contains(claimant.ticket) && self[claimant.ticket].number == claimant.number
            && self[claimant.ticket].phase == .queued
    }
}
