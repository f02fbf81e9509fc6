// Our reader of JSON beside Foundation's, which other people wrote and use: every line that the fuzzer comes upon is
// read by both. What ours accepts, theirs accepts, and both read the same values. Where theirs accepts more, the
// difference is one of those listed here, each with its reason. Only what is fuzzed and tested is linked with it.

import Foundation
package import HoldfastWire

/// Why Foundation accepts what PROTOCOL §1 refuses.
package enum Difference: String, CaseIterable {
    /// RFC 8259 has no comma before a closing bracket.
    case trailingComma
    /// RFC 8259 §8.1: a text sent over a network has no byte order mark; a reader may ignore one, ours refuses.
    case byteOrderMark
    /// Zero bytes at the start make it guess at UTF-16 or UTF-32; the protocol is UTF-8.
    case otherEncoding
    /// RFC 8259 §9 lets a reader limit the depth: PROTOCOL §1 says 16, Foundation 512.
    case depth

    /// Of members of one name theirs keeps the last, and never looks how large the numbers of the others are.
    case droppedNumber

    /// What explains that these bytes were refused for this flaw.
    init?(_ bytes: [UInt8], _ flaw: JSONFlaw) {
        if flaw.kind == .tooDeep {
            self = .depth
        } else if [[0xef, 0xbb, 0xbf], [0xfe, 0xff], [0xff, 0xfe]].contains(where: bytes.starts) {
            self = .byteOrderMark
        } else if bytes.prefix(4).contains(0) {
            self = .otherEncoding
        } else if flaw.kind == .unexpectedByte, Difference.isComma(bytes, before: flaw.offset) {
            self = .trailingComma
        } else if flaw.kind == .numberNotFinite, Difference.isTooLargeAlone(bytes, flaw.offset) {
            self = .droppedNumber
        } else {
            return nil
        }
    }

    /// Theirs, too, refuses the number by itself.
    private static func isTooLargeAlone(_ bytes: [UInt8], _ offset: Int) -> Bool {
        let letters = Array("+-.0123456789Ee".utf8)
        let head = bytes[..<offset].reversed().prefix(while: letters.contains).reversed()
        let tail = bytes[offset...].prefix(while: letters.contains)
        let number = Data(head + tail)
        return (try? JSONSerialization.jsonObject(with: number, options: .fragmentsAllowed)) == nil
    }

    private static func isComma(_ bytes: [UInt8], before offset: Int) -> Bool {
        let isClosed = bytes.indices.contains(offset) && [0x5d, 0x7d].contains(bytes[offset])
        let last = bytes[..<offset].last { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }
        return isClosed && last == 0x2c
    }
}

/// What both make of the same bytes.
package struct JSONComparison {
    private let bytes: [UInt8]
    package let ours: Result<JSONValue, JSONFlaw>
    private let theirs: Any?

    package init(of bytes: [UInt8]) {
        self.bytes = bytes
        ours = Result { () throws(JSONFlaw) in try JSONValue(parsing: bytes.span) }
        theirs = try? JSONSerialization.jsonObject(
            with: Data(bytes),
            options: .fragmentsAllowed
        )
    }

    /// Why theirs accepts what ours does not, if it does.
    ///
    /// Where there is no reason for it, it is a finding.
    package func difference() throws(Finding) -> Difference? {
        switch ours {
        case .success(let value):
            try demand(theirs.map { isSame(value, $0) } ?? false, "ours alone: \(text)")
        case .failure(let flaw) where theirs != nil:
            let difference = Difference(bytes, flaw)
            try demand(difference != nil, "theirs alone: \(text), ours: \(flaw)")
            return difference
        case .failure: break
        }
        return nil
    }

    /// Theirs counts long numbers in decimals first and then multiplies by ten, or divides, up to 128 times; each time
    /// it may be half a unit in the last place off.
    private static let unitsOff = 70.0

    private var text: String { String(decoding: bytes, as: UTF8.self).debugDescription }

    private func isSame(_ value: JSONValue, _ other: Any) -> Bool {
        switch value {
        case .null: return other is NSNull
        case .bool(let flag): return (other as? NSNumber)?.boolValue == flag
        case .integer(let number): return (other as? NSNumber)?.int64Value == number
        case .number(let number):
            guard let theirs = (other as? NSNumber)?.doubleValue else { return false }
            return theirs == number || abs(theirs - number) <= Self.unitsOff * number.ulp
        case .string(let text):
            return (other as? String).map { $0.utf8.elementsEqual(text.utf8) } ?? false
        case .array(let elements):
            guard let others = other as? [Any], others.count == elements.count else { return false }
            return zip(elements, others).allSatisfy(isSame)
        case .object(let members):
            guard let others = other as? [String: Any] else { return false }
            // Of members of one name, and of names that are canonically equal, theirs keeps one.
            return Set(members.map(\.name)).count == others.count
                && members.allSatisfy { member in
                    members.count { $0.name == member.name } > 1
                        || others[member.name].map { isSame(member.value, $0) } ?? false
                }
        }
    }
}
