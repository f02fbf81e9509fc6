// `hello` and the objects inside it.

import HoldfastModel

extension RequestDecoder {
    func hello(
        _ line: inout RequestLine,
        _ bytes: Span<UInt8>,
        _ ignored: inout IgnoredNames
    ) throws(FieldFlaw) -> Hello {
        guard line.has(.version) else { throw .missing(.version) }
        guard (try? line.integer(.version, 1...1, bytes)) != nil else {
            throw FieldFlaw("version", "this server speaks version 1")
        }
        return Hello(
            version: 1,
            client: try line.text(.client, bytes),
            token: try line.text(
                .token,
                bytes,
                byteCounts: 0...RequestDecoder.tokenBytesMax
            ),
            sessionGrace: try sessionGrace(&line, bytes, &ignored),
            resume: try resume(&line, bytes, &ignored)
        )
    }

    /// Nil without a session; with one, its grace or the default.
    private func sessionGrace(
        _ line: inout RequestLine,
        _ bytes: Span<UInt8>,
        _ ignored: inout IgnoredNames
    ) throws(FieldFlaw) -> Interval? {
        guard let session = line.value(of: .session) else { return nil }
        let members = NestedObject(name: "session", offset: session.start)
        let places = try members.places(of: ["grace"], bytes, &ignored)
        guard let place = places[0] else { return Hello.graceDefault }
        let grace = FieldValue(inside: .session, named: "session.grace", at: place, bytes)
        return try grace.duration(Hello.graceMin...Hello.graceMax, bytes)
    }

    private func resume(
        _ line: inout RequestLine,
        _ bytes: Span<UInt8>,
        _ ignored: inout IgnoredNames
    ) throws(FieldFlaw) -> Hello.Resume? {
        guard let resume = line.value(of: .resume) else { return nil }
        let members = NestedObject(name: "resume", offset: resume.start)
        let places = try members.places(of: ["session", "secret"], bytes, &ignored)
        let session = try text("resume.session", at: places[0], bytes)
        let secret = try text("resume.secret", at: places[1], bytes)
        return Hello.Resume(session: SessionID(session), secret: secret)
    }

    private func text(
        _ name: StaticString,
        at place: Int?,
        _ bytes: Span<UInt8>
    ) throws(FieldFlaw) -> String {
        guard let place else { throw FieldFlaw(name.description, "\(name) is missing") }
        let value = FieldValue(inside: .resume, named: name, at: place, bytes)
        return try value.text(bytes, byteCounts: 0...TicketRequest.textBytesMax)
    }
}

/// An object inside a request whose fields have names.
struct NestedObject {
    var name: String
    var offset: Int

    /// Where the values of these members stand; nil for one that is absent or `null`.
    func places(
        of members: [String],
        _ bytes: Span<UInt8>,
        _ ignored: inout IgnoredNames
    ) throws(FieldFlaw) -> [Int?] {
        guard bytes[offset] == 0x7b else { throw FieldFlaw(name, "\(name) must be an object") }
        var places = [Int?](repeating: nil, count: members.count)
        var seen = [Bool](repeating: false, count: members.count)
        try ObjectWalk(offset: offset).forEachMember(bytes) { (key, place) throws(FieldFlaw) in
            guard let index = members.firstIndex(where: { key.equals($0, in: bytes) }) else {
                return ignored.add(name + ".", key, bytes)
            }
            if seen[index] { throw .repeated("\(name).\(members[index])", at: key.start - 1) }
            seen[index] = true
            if bytes[place] != 0x6e { places[index] = place }
        }
        return places
    }
}

/// The names of an object whose members are free; all of them are read, so none may come twice.
struct NestedNames {
    private var names: Set<[UInt8]> = []

    mutating func add(
        _ name: JSONText,
        of object: String,
        _ bytes: Span<UInt8>
    ) throws(FieldFlaw) {
        guard names.insert(name.unescaped(in: bytes)).inserted else {
            throw .repeated(object, at: name.start - 1)
        }
    }
}
