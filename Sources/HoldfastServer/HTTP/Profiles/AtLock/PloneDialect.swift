// `@lock` as Plone speaks it (HTTP §2.4, seeds/at-lock.md): whoever meets the lock of another is shown that lock, with
// status 200; a refresh keeps the token, and saving a document keeps its lock.

import HoldfastHTTPCodec
import HoldfastModel
import HoldfastWire

struct PloneDialect: AtLockDialect {
    let refreshLocks = false
    let refreshChangesToken = false
    let saveUnlocks = false

    func write(_ lock: ShownLock, to writer: inout JSONWriter) {
        writer.member("created", Self.text(of: lock.since))
        writer.member("creator", lock.creator)
        writer.member("creator_name", lock.creatorName)
        let id = PercentEncoding.segment(lock.creator)
        writer.member("creator_url", "\(lock.base)\(lock.prefix)/author/\(id)")
        writer.member("locked", true)
        writer.member("name", "plone.locking.stealable")
        // Its owner may always take it again.
        writer.member("stealable", lock.isOwn || lock.view.stealable)
        writer.key("time")
        // No finer than `created`: the two clocks that it is made of are never read at quite the same moment.
        writer.value(Double(lock.since.microseconds / 1_000) / 1_000)
        writer.member("timeout", lock.view.lease)
        writer.member("token", lock.token)
    }

    func refusal(_ status: HTTPStatus, type: String, message: String) -> HTTPReply {
        HTTPReply(status) { writer in
            writer.beginObject()
            writer.key("error")
            writer.beginObject()
            writer.member("type", type)
            writer.member("message", message)
            writer.endObject()
            writer.endObject()
        }
    }

    func heldByAnother(_ lock: ShownLock) -> HTTPReply { reply(lock) }

    func mayNotUnlock(_ lock: ShownLock) -> HTTPReply { reply(lock) }

    func mayNotSave() -> HTTPReply {
        refusal(.forbidden, type: "Forbidden", message: "Resource is locked.")
    }

    /// With the offset written out.
    private static func text(of time: WallTime) -> String {
        var bytes: [UInt8] = []
        bytes.appendTime(time)
        return String(decoding: bytes.dropLast(), as: UTF8.self) + "+00:00"
    }
}
