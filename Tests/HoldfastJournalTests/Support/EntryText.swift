// An entry as a text that shows every field: two entries are the same when their texts are.

import HoldfastCore
import HoldfastModel

@testable import HoldfastJournal

func text(of entry: JournalEntry) -> String {
    switch entry {
    case .resource(let entry):
        "\(entry.slot.number)/\(entry.resourceIndex) \(entry.path) \(text(of: entry.record))"
    case .resourceForgotten(let slot, let index): "\(slot.number)/\(index) is forgotten"
    case .session(.ended(let id)): "session \(id.text) ended"
    case .session(.opened(let session)):
        "session \(session.id.text) \(session.secret) of \(session.owner.name), "
            + "grace \(session.grace.nanoseconds)"
    }
}

private func text(of record: Record) -> String {
    switch record {
    case .made(let record, let grant): "made \(text(of: record)) grant \(text(of: grant))"
    case .ended(let end):
        "ended \(end.ticketIndex) \(end.ending) held \(end.wasHeld) of \(end.owner.name) "
            + "session \(String(describing: end.session?.text)) by \(text(of: end.by)) "
            + "reason \(text(of: end.reason)) at \(end.at.nanoseconds)"
    case .logged(let entry):
        "logged \(entry.kind) at \(entry.at.nanoseconds) \(entry.number) of \(entry.owner.name) "
            + "holder \(text(of: entry.holder)) fence \(text(of: entry.fence)) "
            + "by \(text(of: entry.by)) reason \(text(of: entry.reason))"
    case .granted, .leaseLengthened, .losing, .kept, .closed, .opened, .forgotten, .counted,
        .claimed:
        "\(record)"
    }
}

private func text(of record: Record.TicketRecord) -> String {
    let request = record.request
    let details = request.details
    return "\(record.id) \(record.number) of \(record.owner.name) "
        + "session \(String(describing: record.session?.text)) "
        + "steal \(String(describing: record.steal)) at \(record.at.nanoseconds) "
        + "lease \(request.lease) mode \(request.mode) maxWait \(String(describing: request.maxWait))"
        + " priority \(request.priority) \(request.ifMine) \(String(describing: request.binding)) "
        + "\(request.stealable) \(request.lockDelay) \(request.pollWithin) \(request.notify) "
        + "details \(details != nil) \(text(of: details?.key)) \(text(of: details?.holder)) "
        + "\(text(of: details?.reason)) \(details?.meta.map { "\($0.name)=\($0.value)" } ?? [])"
}

private func text(of text: String?) -> String { text.map { "'\($0)'" } ?? "none" }
private func text(of fence: Fence?) -> String { fence.map { "\($0.number)" } ?? "none" }
