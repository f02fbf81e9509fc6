// `check` for a reverse proxy that asks before it forwards (HTTP §1): 200 where the fence or the ticket is a current
// one, 403 for everything else, also for what cannot be read, because nginx makes an error of its own of any other
// status. What it asks may stand in the query or in the fields that the proxy passes on. Some proxies ask with the
// method of the request that they hold, and even with its body: the method says nothing here, the body is not read.
// Envoy asks with the path and the query of that request, too, behind a prefix. Whoever sent it chose those, so there
// nothing counts but the fields.

import HoldfastHTTPCodec
import HoldfastModel
import HoldfastWire

extension Exchange {
    /// Where a proxy says what it asks.
    enum CheckPlace: Sendable {
        case queryAndFields
        case fields
    }

    func check(by place: CheckPlace) async -> HTTPReply {
        do throws(Refusal) {
            let principal = try principal()
            let asked = place == .fields ? [] : request.queryItems.map { $0.map(\.name) } ?? []
            let native = try decode(
                .check,
                path: [],
                more: try passedOn(beside: Set(asked)),
                readsQuery: place == .queryAndFields,
                body: []
            )
            let answer = await connection.ask(native.operation, as: principal)
            switch answer {
            case .checked(let check) where check.isValid:
                return native.reply(to: answer)
            case .checked(let check):
                return invalid(check)
            case .refused(let refusal) where refusal.code == .notFound:
                return Problem.reply(.forbidden, refusal)
            case .refused(let refusal):
                throw refusal
            default:
                preconditionFailure("a check was answered with something else")
            }
        } catch {
            guard error.code == .badRequest else { return Problem.reply(error) }
            return Problem.reply(.forbidden, error)
        }
    }

    /// What a proxy passes on of what its query leaves open: the resource, and what shall prove the right to it.
    private func passedOn(
        beside asked: Set<String>
    ) throws(Refusal) -> [(FieldName, String)] {
        func passed(
            _ field: FieldName,
            in name: String
        ) throws(Refusal) -> [(FieldName, String)] {
            // A proxy that adds its field to that of its client would let the client choose.
            guard request.count(of: name) <= 1 else {
                throw Refusal(.badRequest, "the field \(name) is there more than once")
            }
            // A proxy that sets a field to what its client did not say sends it empty.
            guard !asked.contains(field.text), let text = request.text(of: name), !text.isEmpty
            else { return [] }
            return [(field, text)]
        }
        let resource = try passed(.resource, in: "x-holdfast-resource")
        guard asked.isDisjoint(with: [FieldName.fence.text, FieldName.ticket.text]) else {
            return resource
        }
        let proof =
            try passed(.fence, in: "x-holdfast-fence") + passed(.ticket, in: "x-holdfast-ticket")
        // The token of an `@lock` is the id of its ticket.
        return try resource + (proof.isEmpty ? passed(.ticket, in: "lock-token") : proof)
    }

    private func invalid(_ check: CheckAnswer) -> HTTPReply {
        let message = check.state == nil ? "this fence is not current" : "this ticket holds nothing"
        var reply = HTTPReply(.forbidden, type: HTTPReply.problem)
        ReplyWriter.writeProblem(
            Refusal(.forbidden, message),
            status: 403,
            title: HTTPStatus.forbidden.phrase,
            into: &reply.body
        ) { writer in
            writer.member("valid", false)
            writer.member("fence", check.fence)
            writer.member("state", check.state?.rawValue)
        }
        return reply
    }
}
