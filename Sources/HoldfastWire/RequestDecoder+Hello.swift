// `hello` and the objects inside it.

import HoldfastModel

extension RequestDecoder {
    func hello(
        _ fields: FieldReader,
        _ bytes: Span<UInt8>,
        _ ignored: inout IgnoredNames
    ) throws(FieldFlaw) -> Hello {
        guard fields.has(.version) else { throw .missing(.version) }
        guard (try? fields.integer(.version, 1...1, bytes)) != nil else {
            throw FieldFlaw("version", "this server speaks version 1")
        }
        return Hello(
            version: 1,
            client: try fields.text(.client, bytes),
            token: try fields.text(
                .token,
                bytes,
                byteCounts: 0...RequestDecoder.tokenBytesMax
            ),
            sessionGrace: try sessionGrace(fields, bytes, &ignored),
            resume: try resume(fields, bytes, &ignored)
        )
    }

    /// Nil without a session; with one, its grace or the default.
    private func sessionGrace(
        _ fields: FieldReader,
        _ bytes: Span<UInt8>,
        _ ignored: inout IgnoredNames
    ) throws(FieldFlaw) -> Interval? {
        guard let offset = fields.scan.offset(of: .session) else { return nil }
        let members = NestedObject(name: "session", offset: offset)
        let places = try members.places(of: ["grace"], bytes, &ignored)
        guard let place = places[0] else { return Hello.graceDefault }
        return try ValueReader(name: "session.grace", offset: place)
            .duration(Hello.graceMin...Hello.graceMax, limit: nil, bytes)
    }

    private func resume(
        _ fields: FieldReader,
        _ bytes: Span<UInt8>,
        _ ignored: inout IgnoredNames
    ) throws(FieldFlaw) -> Hello.Resume? {
        guard let offset = fields.scan.offset(of: .resume) else { return nil }
        let members = NestedObject(name: "resume", offset: offset)
        let places = try members.places(of: ["session", "secret"], bytes, &ignored)
        let texts = 0...TicketRequest.textBytesMax
        guard let session = places[0] else {
            throw FieldFlaw("resume.session", "resume.session is missing")
        }
        let name = try ValueReader(name: "resume.session", offset: session).text(texts, bytes)
        guard let secret = places[1] else {
            throw FieldFlaw("resume.secret", "resume.secret is missing")
        }
        return Hello.Resume(
            session: SessionID(name),
            secret: try ValueReader(name: "resume.secret", offset: secret).text(texts, bytes)
        )
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
