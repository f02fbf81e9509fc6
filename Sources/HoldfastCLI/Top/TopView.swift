// The live part of `top`: one actor on the loop to which answers, keys, signals and time come in turns.

import Glibc
import HoldfastClient
import HoldfastModel
import HoldfastSystem

actor TopView {
    nonisolated let world: World
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        world.loop.asUnownedSerialExecutor()
    }

    private let client: HoldfastClient
    private let screen: TerminalScreen
    private let hasBlocks: Bool
    private let alarm: any Alarm
    private let ended: Bell
    private var model: TopModel
    private var code: ExitCode?

    init(world: World, client: HoldfastClient, model: TopModel) {
        self.world = world
        self.client = client
        self.model = model
        screen = TerminalScreen(console: world.console)
        hasBlocks = TopView.hasBlocks(in: world.environment)
        alarm = world.loop.makeAlarm()
        ended = Bell(on: world.loop)
    }

    /// Whether the locale says UTF-8.
    static func hasBlocks(in environment: [String: String]) -> Bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { environment[$0] }
            .first { !$0.isEmpty }
        let name = locale?.lowercased() ?? ""
        return name.contains("utf-8") || name.contains("utf8")
    }

    /// Shows it until somebody has seen enough.
    func run() async -> ExitCode {
        let signals: Signals
        do {
            signals = try Signals(
                [.interrupt, .terminate, .hangUp, .quit, .terminalStop, .windowChange],
                on: world.loop
            )
        } catch {
            world.tell("\(error)")
            return .refused
        }
        screen.enter()
        Keyboard(on: world.loop) { bytes in self.assumeIsolated { $0.typed(bytes) } }.start()
        draw()
        await withTaskGroup(of: Void.self) { [world] group in
            group.addTask(executorPreference: world.loop) { await self.keepAsking() }
            group.addTask(executorPreference: world.loop) { await self.obey(signals) }
            while code == nil, await ended.rings() {}
            group.cancelAll()
        }
        screen.leave()
        signals.close()
        return code ?? .done
    }

    private func end(_ code: ExitCode) {
        self.code = self.code ?? code
        // At once: what comes later may be slow.
        screen.leave()
        ended.ring()
    }

    // MARK: News

    private func keepAsking() async {
        let interval = max(.milliseconds(100), world.settings[TopOptions.interval] ?? .seconds(1))
        repeat {
            alarm.set(for: world.now + interval)
            if !model.isPaused { await ask() }
        } while await alarm.rings()
    }

    private func ask() async {
        switch await TopQuestion.ask(client, about: model) {
        case .success(let answer):
            model.take(stats: answer.stats, resources: answer.resources, at: world.now)
        case .failure(let failure): model.failed(failure.text)
        }
        draw()
    }

    // MARK: Keys and signals

    private func typed(_ bytes: [UInt8]) {
        for key in Key.keys(in: bytes) where code == nil {
            switch model.press(key, pageRows: TopPicture.pageRows(of: canvas)) {
            case .quit?: end(.done)
            case .ask?:
                alarm.set(for: .zero)
                draw()
            case .draw?: draw()
            case nil: break
            }
        }
    }

    private func obey(_ signals: Signals) async {
        while let signal = await signals.next() {
            switch signal {
            case .windowChange: draw()
            case .terminalStop: stop()
            default: end(.signal(signal.number))
            }
        }
    }

    /// Ctrl-Z: the screen is given back for as long as it takes.
    private func stop() {
        screen.leave()
        ChildProcess.stopSelf(wholeGroup: false)
        screen.enter()
        draw()
    }

    // MARK: Picture

    private var canvas: TopPicture.Canvas {
        let size = TerminalScreen.size ?? (80, 24)
        return TopPicture.Canvas(
            columns: size.columns,
            rows: size.rows,
            style: world.console.style,
            hasBlocks: hasBlocks
        )
    }

    private func draw() {
        guard code == nil else { return }
        screen.show(TopPicture(of: model, on: canvas).lines)
        if world.console.isOutputGone { end(.done) }
    }
}
