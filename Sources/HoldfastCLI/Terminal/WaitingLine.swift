// Shows a wait while it lasts: on a terminal a line whose time moves on, elsewhere a few lines.

import HoldfastModel
import HoldfastSystem

/// The wait of one command, on its loop.
actor WaitingLine {
    nonisolated let world: World
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        world.loop.asUnownedSerialExecutor()
    }

    private var text: WaitingText
    private var isWaiting = true
    private let alarm: any Alarm

    init(for resource: String, on world: World) {
        self.world = world
        text = WaitingText(resource: resource, since: world.now)
        alarm = world.loop.makeAlarm()
    }

    /// It has another place in the queue.
    func moved(to place: QueuePlace) {
        text.moved(to: place)
        show()
    }

    /// The wait is over, or begins again.
    func set(isWaiting: Bool) {
        self.isWaiting = isWaiting
        if !isWaiting { world.console.show(status: nil) }
    }

    /// Lets the time move on until the task is cancelled.
    func keepTime() async {
        guard world.console.isMessageTerminal else { return }
        repeat {
            show()
            alarm.set(for: world.now + .seconds(1))
        } while await alarm.rings()
    }

    private func show() {
        guard isWaiting else { return }
        if world.console.isMessageTerminal {
            world.console.show(status: text.status(at: world.now))
        } else if let line = text.logLine(at: world.now) {
            world.tell(line)
        }
    }
}
