// What an owner does with its ticket: poll and wait (`lock`, `acquire`), renew (rule 12), release
// (rule 24), and look (`status`, `check`). Each begins with finding the ticket, and with having
// heard its owner (17).

package import HoldfastModel

extension LockState {
    /// The ticket with this id, where it is still known.
    func find(_ id: TicketID) throws(Refusal) -> UInt32 {
        let index = id.ticketIndex
        guard id.slot == slot, id.resourceIndex == resourceIndex, tickets.contains(index),
            tickets[index].secretHigh == id.secretHigh, tickets[index].secretLow == id.secretLow
        else { throw .unknownTicket }
        return index
    }

    /// Rule 30: the caller's own ticket.
    func findOwn(_ id: TicketID, of caller: Caller) throws(Refusal) -> UInt32 {
        let index = try find(id)
        guard tickets[index].isOwned(by: caller.owner) else { throw .notYours }
        return index
    }

    // MARK: Waiting

    /// Lets a `lock` wait on a queued ticket.
    mutating func startLock(
        _ index: UInt32,
        _ wait: Interval?,
        _ caller: Caller,
        isExisting: Bool,
        at reading: ClockReading,
        _ effects: inout Effects
    ) {
        startWait(
            index,
            .lock(isExisting: isExisting),
            until: wait.map { reading.now + $0 } ?? .never,
            caller,
            at: reading,
            &effects
        )
        // A wait that is over already ends the ticket, as time would.
        guard wait != .zero else { return end(index, .timedOut, at: reading, &effects) }
        guard isListening(index) else { return }
        let request = caller.address.request
        tell(index, .queued(request: request, id(of: index), path, place(of: index)), &effects)
    }

    private mutating func startWait(
        _ index: UInt32,
        _ kind: Wait.Kind,
        until deadline: Instant,
        _ caller: Caller,
        at reading: ClockReading,
        _ effects: inout Effects
    ) {
        extras.value.waits.insert(
            Wait(address: caller.address, kind: kind, ticket: index, namedAt: reading.now),
            until: deadline,
            first: &tickets[index].firstWait
        )
        effects.outputs.append(.waiting(caller.address, ticketIndex: index))
    }

    mutating func poll(
        _ id: TicketID,
        _ wait: Event.Wait,
        _ caller: Caller,
        at reading: ClockReading,
        _ effects: inout Effects
    ) {
        do throws(Refusal) {
            let index = try findOwn(id, of: caller)
            name(index, by: caller, takesOver: true, at: reading.now)
            switch (tickets[index].phase, wait) {
            case (.queued, .atMost(let limit)) where limit > .zero:
                let end = reading.now + limit
                startWait(index, .acquire, until: end, caller, at: reading, &effects)
            case (.queued, _), (.held, _):
                let answer = acquireAnswer(index, at: reading.now)
                effects.answer(caller.address, answer, shows: show(index))
            case (.finished, _), (.free, _):
                throw refusalOfLost(index)
            }
            tellOwedLosing(index, at: reading, &effects)
            follow(index)
            arm(index)
        } catch {
            effects.refuse(caller.address, error)
        }
    }

    // MARK: Renewing

    mutating func renew(
        _ id: TicketID,
        _ lease: Interval?,
        _ caller: Caller,
        at reading: ClockReading,
        _ effects: inout Effects
    ) {
        do throws(Refusal) {
            let index = try findOwn(id, of: caller)
            name(index, by: caller, takesOver: false, at: reading.now)
            switch tickets[index].phase {
            case .queued:
                let place = place(of: index)
                throw Refusal(
                    .notAcquired,
                    "this ticket still waits for \(path), at position \(place.position) of "
                        + "\(place.queueLength): there is no lease to renew yet"
                )
            case .finished, .free:
                throw refusalOfLost(index)
            case .held:
                lengthen(index, lease, at: reading, &effects)
                answerRenewal(index, caller, at: reading, &effects)
            }
        } catch {
            effects.refuse(caller.address, error)
        }
    }

    /// Rule 12: never nearer; a longer lease becomes the ticket's, a shorter one counts once.
    private mutating func lengthen(
        _ index: UInt32,
        _ asked: Interval?,
        at reading: ClockReading,
        _ effects: inout Effects
    ) {
        let lease = asked ?? tickets[index].lease
        if lease > tickets[index].lease {
            tickets[index].lease = lease
            effects.keep(.leaseLengthened(ticketIndex: index, lease))
        }
        let floor = suffers(.shortensByRenewing) ? .zero : tickets[index].until
        tickets[index].until = max(floor, reading.now + lease)
        tickets[index].renewedAt = stamp(reading.now)
        noteRenewal(index)
        note(.renewed, index, at: tickets[index].renewedAt, reading, &effects)
    }

    private mutating func answerRenewal(
        _ index: UInt32,
        _ caller: Caller,
        at reading: ClockReading,
        _ effects: inout Effects
    ) {
        let answer = RenewAnswer(
            fence: tickets[index].fence,
            lease: tickets[index].lease,
            remaining: remaining(of: index, at: reading.now),
            isLosing: tickets[index].traits.contains(.losing)
        )
        effects.answer(caller.address, .renewed(answer), shows: show(index))
    }

    // MARK: Releasing

    mutating func release(
        _ id: TicketID,
        _ reason: String?,
        _ caller: Caller,
        at reading: ClockReading,
        _ effects: inout Effects
    ) {
        do throws(Refusal) {
            let index = try find(id)
            let isOwn = tickets[index].isOwned(by: caller.owner)
            guard isOwn || caller.rights.contains(.admin) else { throw .missing(.admin) }
            if isOwn { name(index, by: caller, takesOver: false, at: reading.now) }
            let already = !tickets[index].isLive
            if already {
                try checkReleased(index)
            } else if isOwn {
                let ending: Ending = tickets[index].phase == .held ? .released : .cancelled
                end(index, ending, reason: reason, tellsOwner: false, at: reading, &effects)
            } else {
                let by = caller.owner.name
                end(index, .cleared, by: by, reason: reason, at: reading, &effects)
            }
            let ended = tickets[index].ending
            let answer = ReleaseAnswer(ticket: id, ended: ended, already: already)
            effects.answer(caller.address, .released(answer))
        } catch {
            effects.refuse(caller.address, error)
        }
    }

    /// Rule 24: releasing twice succeeds twice; what was lost in another way is lost.
    private func checkReleased(_ index: UInt32) throws(Refusal) {
        switch tickets[index].ending {
        case .released, .cancelled:
            return
        case .expired, .timedOut, .abandoned, .sessionEnded, .stolen, .cleared:
            throw refusalOfLost(index)
        }
    }

    // MARK: Looking

    mutating func show(
        _ id: TicketID,
        _ caller: Caller,
        at reading: ClockReading,
        _ effects: inout Effects
    ) {
        do throws(Refusal) {
            let index = try find(id)
            let isOwn = tickets[index].isOwned(by: caller.owner)
            guard isOwn || caller.rights.contains(.read) else { throw .missing(.read) }
            if isOwn { name(index, by: caller, takesOver: false, at: reading.now) }
            let view = view(of: index, for: caller, at: reading)
            effects.answer(caller.address, .status(view), shows: isOwn ? show(index) : nil)
        } catch {
            effects.refuse(caller.address, error)
        }
    }

    mutating func check(
        _ id: TicketID,
        _ caller: Caller,
        at reading: ClockReading,
        _ effects: inout Effects
    ) {
        do throws(Refusal) {
            let index = try find(id)
            let isOwn = tickets[index].isOwned(by: caller.owner)
            guard isOwn || caller.rights.contains(.read) else { throw .missing(.read) }
            if isOwn { name(index, by: caller, takesOver: false, at: reading.now) }
            let answer = CheckAnswer(
                isValid: tickets[index].phase == .held,
                fence: isHeld ? tickets[holders.last].fence : nil,
                state: tickets[index].state
            )
            effects.answer(caller.address, .checked(answer), shows: isOwn ? show(index) : nil)
        } catch {
            effects.refuse(caller.address, error)
        }
    }

    /// Rule 19: whether the fence is a present holder's.
    package func check(_ fence: Fence) -> CheckAnswer {
        CheckAnswer(
            isValid: holder(with: fence) != nil,
            fence: isHeld ? tickets[holders.last].fence : nil
        )
    }
}
