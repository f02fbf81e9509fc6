// What `top` takes: which part of the server to look at, and how often.

package import HoldfastModel

package enum TopOptions {
    package static let once = Option<Bool>("once", "print one picture and stop")
    package static let prefix = Options.prefix
    package static let sort = Option<ResourcesQuestion.Order>(
        "sort",
        default: "queue",
        "longest queue, longest wait or path first"
    )
    package static let interval = Option<Interval>(
        "interval",
        default: "1",
        "time between pictures"
    )
}
