// `@lock` as Nick speaks it (HTTP §2.3, seeds/at-lock.md): a conflict is an error with status 401, a refresh is a new
// lock in the place of the old one, and saving a document ends its lock.

import HoldfastHTTPCodec
import HoldfastModel
import HoldfastWire

struct NickDialect: AtLockDialect {
    let refreshLocks = true
    let refreshChangesToken = true
    let saveUnlocks = true

    func write(_ lock: ShownLock, to writer: inout JSONWriter) {
        writer.member("created", lock.since)
        writer.member("creator", lock.creator)
        writer.member("creator_name", lock.creatorName)
        let id = PercentEncoding.segment(lock.creator)
        writer.member("creator_url", "\(lock.base)/@users/\(id)")
        writer.member("locked", true)
        writer.member("stealable", lock.view.stealable)
        writer.member("time", lock.since)
        writer.member("timeout", lock.view.lease)
        writer.member("token", lock.token)
    }

    func refusal(_ status: HTTPStatus, type: String, message: String) -> HTTPReply {
        HTTPReply(status) { writer in
            writer.beginObject()
            writer.key("error")
            writer.beginObject()
            writer.member("message", message)
            writer.member("type", type)
            writer.endObject()
            writer.endObject()
        }
    }

    func heldByAnother(_ lock: ShownLock) -> HTTPReply {
        refusal(
            .unauthorized,
            type: "Already locked",
            message: "This document is already locked by another user."
        )
    }

    func mayNotUnlock(_ lock: ShownLock) -> HTTPReply {
        refusal(
            .unauthorized,
            type: "Not allowed",
            message: "You don’t have permission to unlock this document."
        )
    }

    func mayNotSave() -> HTTPReply {
        refusal(
            .unauthorized,
            type: "Document locked",
            message: "You don’t have permission to save this document because it is locked by "
                + "another user."
        )
    }
}
