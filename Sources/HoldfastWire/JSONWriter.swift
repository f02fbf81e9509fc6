// Writes compact JSON straight into the buffer that goes out (PROTOCOL §1: no space outside strings).
// Whether a comma is due is read off the last byte: after an opening bracket, a colon or the line before,
// none is. So there is no state to keep right, and a nested object is written by plain functions.

package import HoldfastModel

/// A buffer that JSON is appended to.
package struct JSONWriter: Sendable {
    package private(set) var bytes: [UInt8]

    package init(bytes: [UInt8] = []) { self.bytes = bytes }

    /// Lets `body` append to `buffer` without copying it.
    package static func append(
        to buffer: inout [UInt8],
        _ body: (inout JSONWriter) -> Void
    ) {
        var writer = JSONWriter()
        swap(&writer.bytes, &buffer)
        body(&writer)
        swap(&writer.bytes, &buffer)
    }

    package mutating func beginObject() {
        separate()
        bytes.append(0x7b)
    }
    package mutating func endObject() { bytes.append(0x7d) }

    package mutating func beginArray() {
        separate()
        bytes.append(0x5b)
    }
    package mutating func endArray() { bytes.append(0x5d) }

    package mutating func endLine() { bytes.append(0x0a) }

    /// The name of the next member, written as it is: a name of the protocol needs no escapes.
    package mutating func key(_ name: String) {
        separate()
        bytes.append(0x22)
        bytes.append(contentsOf: name.utf8)
        bytes.append(0x22)
        bytes.append(0x3a)
    }

    /// The name of the next member, escaped where that is needed.
    package mutating func freeKey(_ name: String) {
        separate()
        bytes.appendJSONString(name)
        bytes.append(0x3a)
    }

    package mutating func value(_ text: String) {
        separate()
        bytes.appendJSONString(text)
    }
    package mutating func value(_ flag: Bool) {
        separate()
        bytes.append(contentsOf: (flag ? "true" : "false").utf8)
    }
    package mutating func value(_ number: UInt64) {
        separate()
        bytes.appendDecimal(number)
    }
    package mutating func value(_ number: Int) {
        separate()
        if number < 0 { bytes.append(0x2d) }
        bytes.appendDecimal(UInt64(number.magnitude))
    }
    package mutating func value(_ duration: Interval) {
        separate()
        bytes.appendSeconds(duration)
    }
    package mutating func value(_ time: WallTime) {
        separate()
        bytes.append(0x22)
        bytes.appendTime(time)
        bytes.append(0x22)
    }
    package mutating func value(_ ticket: TicketID) {
        separate()
        bytes.append(0x22)
        ticket.withCharacters { bytes.append($0) }
        bytes.append(0x22)
    }
    package mutating func null() {
        separate()
        bytes.append(contentsOf: "null".utf8)
    }
    /// The shortest text that reads back as the same number; JSON knows no infinity, so the caller may not.
    package mutating func value(_ number: Double) {
        precondition(number.isFinite, "JSON has no number for \(number)")
        separate()
        if let whole = Int(exactly: number), whole.magnitude < 1 << 53 { return wholeValue(whole) }
        bytes.append(contentsOf: number.description.utf8)
    }

    private mutating func wholeValue(_ number: Int) {
        if number < 0 { bytes.append(0x2d) }
        bytes.appendDecimal(UInt64(number.magnitude))
    }

    private mutating func separate() {
        switch bytes.last {
        case nil, 0x7b, 0x5b, 0x3a, 0x0a: break
        default: bytes.append(0x2c)
        }
    }
}

/// Members of an object in one call; one that is nil is left out.
extension JSONWriter {
    package mutating func member(_ name: String, _ text: String?) {
        guard let text else { return }
        key(name)
        value(text)
    }
    package mutating func member(_ name: String, _ flag: Bool) {
        key(name)
        value(flag)
    }
    package mutating func member(_ name: String, _ number: Int?) {
        guard let number else { return }
        key(name)
        value(number)
    }
    package mutating func member(_ name: String, _ number: UInt64) {
        key(name)
        value(number)
    }
    package mutating func member(_ name: String, _ fence: Fence?) {
        guard let fence else { return }
        key(name)
        value(fence.number)
    }
    package mutating func member(_ name: String, _ duration: Interval?) {
        guard let duration else { return }
        key(name)
        value(duration)
    }
    package mutating func member(_ name: String, _ time: WallTime?) {
        guard let time else { return }
        key(name)
        value(time)
    }
    package mutating func member(_ name: String, _ ticket: TicketID?) {
        guard let ticket else { return }
        key(name)
        value(ticket)
    }
    package mutating func member(_ name: String, _ path: ResourcePath?) {
        guard let path else { return }
        key(name)
        value(path.text)
    }
    package mutating func member(_ name: String, _ texts: [String]) {
        key(name)
        beginArray()
        for text in texts { value(text) }
        endArray()
    }
    /// Left out where the request had none.
    package mutating func member(_ name: String, _ id: RequestID) {
        switch id {
        case .absent: break
        case .number(let number): member(name, number)
        case .text(let text): member(name, text)
        }
    }
}
