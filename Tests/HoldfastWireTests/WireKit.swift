// What the tests of this module share: lines in, lines out.

import HoldfastModel
import HoldfastWire

/// Decodes one line with the limits given.
func decode(_ line: String, limits: Limits = Limits()) -> DecodedLine {
    RequestDecoder(limits: limits).decode(.line, line.utf8Span.span)
}

func request(_ line: String, limits: Limits = Limits()) -> DecodedRequest? {
    if case .request(let request) = decode(line, limits: limits) { request } else { nil }
}

func refused(_ line: String, limits: Limits = Limits()) -> RefusedLine? {
    if case .refused(let refused) = decode(line, limits: limits) { refused } else { nil }
}

/// The ticket request of a `queue`, `lock` or `steal`.
func ticketRequest(_ line: String, limits: Limits = Limits()) -> TicketRequest? {
    switch request(line, limits: limits)?.operation {
    case .queue(let request), .lock(let request, _), .steal(let request, _): request
    default: nil
    }
}

/// The fields behind `{"op":"queue","resource":"a"`.
func queue(_ fields: String) -> String { #"{"op":"queue","resource":"a",\#(fields)}"# }

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// The line of an answer, without its end.
func line(_ answer: Answer, id: RequestID = .number(1), ignored: [String] = []) -> String {
    var bytes: [UInt8] = []
    ReplyWriter.write(answer, to: id, ignored: ignored, into: &bytes)
    return text(bytes.dropLast() + [])
}

func line(_ refusal: Refusal, id: RequestID = .number(1), ignored: [String] = []) -> String {
    line(.refused(refusal), id: id, ignored: ignored)
}

func line(_ event: ConnectionEvent, request: RequestID = .absent) -> String {
    var bytes: [UInt8] = []
    EventWriter.write(event, request: request, into: &bytes)
    return text(bytes.dropLast() + [])
}

/// A path that the test knows to be one.
func path(_ text: String) throws -> ResourcePath { try ResourcePath(checking: text) }

enum Sample {
    static let ticket = TicketID(
        secretHigh: 1,
        secretLow: 2,
        slot: Slot(number: 3),
        resourceIndex: 4,
        ticketIndex: 5
    )
    static let ticketText = "AAAAAAAAAAEAAAACAwAAAAQAAAAF"
    static let fence = Fence(number: 1_763_683_200_000_041)
    static let time = WallTime(microseconds: 1_763_683_200_123_999)
    static let timeText = "2025-11-21T00:00:00.123Z"
    static let owner = Owner(name: "ci-7")
    static let grant = Grant(fence: fence, remaining: Interval(nanoseconds: 29_999_999_999))
    static let place = QueuePlace(position: 2, queueLength: 7)

    static func view(
        _ standing: Standing,
        mode: Mode = .exclusive,
        details: TicketDetails? = nil,
        ticket: TicketID? = Sample.ticket
    ) throws -> TicketView {
        TicketView(
            ticket: ticket,
            number: 12,
            resource: try path("deploy/prod"),
            standing: standing,
            mode: mode,
            owner: owner,
            details: details,
            priority: 3,
            lease: .seconds(30),
            fence: nil,
            createdAt: time,
            acquiredAt: nil,
            renewedAt: nil,
            expiresAt: nil,
            endedAt: nil,
            stealable: false,
            binding: .ticket,
            endedBy: nil,
            endReason: nil,
            age: .milliseconds(1_500)
        )
    }
}
