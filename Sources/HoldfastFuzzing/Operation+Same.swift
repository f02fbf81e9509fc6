// Whether two decoded operations ask for the same; the product never has to know.

import HoldfastModel

extension HoldfastModel.Operation {
    func isSame(as other: HoldfastModel.Operation) -> Bool {
        switch (self, other) {
        case (.hello(let one), .hello(let two)): one.isSame(as: two)
        case (.queue(let one), .queue(let two)): one == two
        case (.lock(let one, let wait), .lock(let two, let other)): one == two && wait == other
        case (.steal(let one, let how), .steal(let two, let other)): one == two && how == other
        case (.acquire(let one, let wait), .acquire(let two, let other)):
            one == two && wait == other
        case (.status(let one), .status(let two)): one == two
        case (.renew(let one, let lease), .renew(let two, let other)): one == two && lease == other
        case (.release(let one, let why), .release(let two, let other)):
            one == two && isSameText(why, other)
        case (.checkFence(let one, let fence), .checkFence(let two, let other)):
            one == two && fence == other
        case (.checkTicket(let one), .checkTicket(let two)): one == two
        case (.list(let one, let page), .list(let two, let other)): one == two && page == other
        case (.resources(let one), .resources(let two)): one.isSame(as: two)
        case (.history(let one, let limit), .history(let two, let other)):
            one == two && limit == other
        case (.clear(let one, let why), .clear(let two, let other)):
            one == two && isSameText(why, other)
        case (.watch(let one), .watch(let two)): one == two
        case (.unwatch(let one), .unwatch(let two)): one == two
        case (.drain(let why, let off), .drain(let other, let otherOff)):
            isSameText(why, other) && off == otherOff
        case (.ping, .ping), (.bye, .bye), (.stats, .stats): true
        default: false
        }
    }
}

/// By bytes; `==` would merge canonically equal texts.
private func isSameText(_ one: String?, _ other: String?) -> Bool {
    one.map { Array($0.utf8) } == other.map { Array($0.utf8) }
}

extension Hello {
    fileprivate func isSame(as other: Hello) -> Bool {
        version == other.version && sessionGrace == other.sessionGrace
            && isSameText(client, other.client) && isSameText(token, other.token)
            && resume?.session == other.resume?.session
            && isSameText(resume?.secret, other.resume?.secret)
    }
}

extension ResourcesQuestion {
    fileprivate func isSame(as other: ResourcesQuestion) -> Bool {
        prefix == other.prefix && limit == other.limit && after == other.after
            && order == other.order
    }
}
