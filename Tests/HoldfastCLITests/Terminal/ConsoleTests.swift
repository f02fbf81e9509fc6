// Output, messages and the line that comes and goes.

import HoldfastCLI
import Synchronization
import Testing

/// Keeps what was written.
final class Paper: Sendable {
    private let text = Mutex("")
    var content: String { text.withLock { $0 } }
    func write(_ more: String) { text.withLock { $0 += more } }
}

struct ConsoleTests {
    private func console(_ paper: Paper, isTerminal: Bool) -> Console {
        Console(
            output: { _ in .written },
            messages: {
                paper.write($0)
                return .written
            },
            isMessageTerminal: isTerminal
        )
    }

    @Test func `a message makes way for the status line and lets it come back`() {
        let paper = Paper()
        let console = console(paper, isTerminal: true)
        console.show(status: "waiting")
        console.tell("news")
        console.show(status: nil)
        #expect(paper.content == "\r\u{1b}[Kwaiting\r\u{1b}[Knews\n\r\u{1b}[Kwaiting\r\u{1b}[K")
    }

    @Test func `a status line that says the same is not written again`() {
        let paper = Paper()
        let console = console(paper, isTerminal: true)
        console.show(status: "a")
        console.show(status: "a")
        #expect(paper.content == "\r\u{1b}[Ka")
    }

    @Test func `where nobody looks there is no status line`() {
        let paper = Paper()
        let console = console(paper, isTerminal: false)
        console.show(status: "a")
        console.tell("b")
        #expect(paper.content == "b\n")
    }

    @Test(arguments: [Delivery.gone, .failed("full")])
    func `output that does not arrive is noticed and not written any more`(delivery: Delivery) {
        let paper = Paper()
        let console = Console(
            output: {
                paper.write($0)
                return delivery
            },
            messages: { _ in .written }
        )
        console.print("one")
        console.print("two")
        #expect(console.isOutputGone)
        #expect(console.delivery == delivery)
        #expect(paper.content == "one\n")
    }

    @Test(arguments: [
        (true, [:], true), (false, [:], false), (true, ["NO_COLOR": "1"], false),
        (true, ["NO_COLOR": ""], true), (true, ["TERM": "dumb"], false),
    ])
    func `colour is for terminals that nobody forbade it`(
        isTerminal: Bool,
        environment: [String: String],
        isColoured: Bool
    ) {
        let style = Style(isTerminal: isTerminal, environment: environment)
        #expect(style.isColoured == isColoured)
        #expect(style.paint("x", .red).contains("\u{1b}") == isColoured)
    }
}
