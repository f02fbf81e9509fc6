// Writes compact JSON straight into the buffer that goes out (PROTOCOL §1: no space outside strings). All it
// remembers is whether a comma is due, so a nested object is written by plain functions.

package import HoldfastModel

/// A buffer that JSON is appended to.
package struct JSONWriter: Sendable {
    package private(set) var bytes: [UInt8]
    /// A value was written in the object or array that is open.
    private var needsComma = false

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

    package mutating func beginObject() { begin(0x7b) }
    package mutating func endObject() { end(0x7d) }
    package mutating func beginArray() { begin(0x5b) }
    package mutating func endArray() { end(0x5d) }

    package mutating func endLine() {
        bytes.append(0x0a)
        needsComma = false
    }

    /// The name of the next member.
    package mutating func key(_ name: JSONWord) {
        let withComma = needsComma
        bytes.append(addingCapacity: JSONWord.byteCountMax) { output in
            name.write(withComma: withComma, to: &output)
        }
        needsComma = false
    }

    /// The name of the next member, escaped where that is needed.
    package mutating func freeKey(_ name: String) {
        separate()
        bytes.appendJSONString(name)
        bytes.append(0x3a)
        needsComma = false
    }

    package mutating func value(_ word: JSONWord) {
        let withComma = needsComma
        bytes.append(addingCapacity: JSONWord.byteCountMax) { output in
            word.write(withComma: withComma, to: &output)
        }
        needsComma = true
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
        bytes.append(addingCapacity: TicketID.characterCount + 2) { output in
            output.append(0x22)
            ticket.withCharacters { output.append($0) }
            output.append(0x22)
        }
    }
    package mutating func null() {
        separate()
        bytes.append(contentsOf: "null".utf8)
    }

    /// The shortest text that reads back as the same number; JSON knows no infinity, so the caller may not.
    package mutating func value(_ number: Double) {
        precondition(number.isFinite, "JSON has no number for \(number)")
        if let whole = Int(exactly: number), whole.magnitude < 1 << 53 { return value(whole) }
        separate()
        bytes.append(contentsOf: number.description.utf8)
    }

    private mutating func begin(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func end(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    /// Called before every value.
    private mutating func separate() {
        if needsComma { bytes.append(0x2c) }
        needsComma = true
    }
}

/// Members of an object in one call; one that is nil is left out.
extension JSONWriter {
    package mutating func member(_ name: JSONWord, _ word: JSONWord) {
        key(name)
        value(word)
    }
    package mutating func member(_ name: JSONWord, _ text: String?) {
        guard let text else { return }
        key(name)
        value(text)
    }
    package mutating func member(_ name: JSONWord, _ flag: Bool) {
        key(name)
        value(flag)
    }
    package mutating func member(_ name: JSONWord, _ number: Int?) {
        guard let number else { return }
        key(name)
        value(number)
    }
    package mutating func member(_ name: JSONWord, _ number: UInt64) {
        key(name)
        value(number)
    }
    package mutating func member(_ name: JSONWord, _ fence: Fence?) {
        guard let fence else { return }
        key(name)
        value(fence.number)
    }
    package mutating func member(_ name: JSONWord, _ duration: Interval?) {
        guard let duration else { return }
        key(name)
        value(duration)
    }
    package mutating func member(_ name: JSONWord, _ time: WallTime?) {
        guard let time else { return }
        key(name)
        value(time)
    }
    package mutating func member(_ name: JSONWord, _ ticket: TicketID?) {
        guard let ticket else { return }
        key(name)
        value(ticket)
    }
    package mutating func member(_ name: JSONWord, _ path: ResourcePath?) {
        guard let path else { return }
        key(name)
        value(path.text)
    }
    package mutating func member(_ name: JSONWord, _ texts: [String]) {
        key(name)
        beginArray()
        for text in texts { value(text) }
        endArray()
    }
    /// Left out where the request had none.
    package mutating func member(_ name: JSONWord, _ id: RequestID) {
        switch id {
        case .absent: break
        case .number(let number): member(name, number)
        case .text(let text): member(name, text)
        }
    }
}
