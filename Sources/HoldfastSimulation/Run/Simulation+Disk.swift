// What strikes the disk of a seed that has one, and what must come of it: whatever fails, the server stops or refuses
// to start, with a reason, and nothing that was told is missing once the operator has mended it (rules 27 and 28).

import HoldfastJournal
import HoldfastModel

extension Simulation {
    static let ofDisk: [Fault] = [
        .powerLoss, .writeError, .syncError, .callError, .fullDisk, .readFlip, .bitRot,
    ]

    private static let rareCalls = ["list", "open", "read", "sync of the directory", "lock"]

    func slowDiskDown() {
        guard scenario.files != nil, stage.has(.slowDisk) else { return }
        platter.slowDown(to: 1 + world.random.below(80), seed: world.random.next())
    }

    func strikeDisk(_ fault: Fault) {
        stage.note("** \(fault.rawValue) is near")
        switch fault {
        case .writeError:
            platter.lieInWait(for: "write", sparing: world.random.below(6), with: .error)
        case .syncError:
            platter.lieInWait(for: "sync", sparing: world.random.below(6), with: .error)
        case .callError:
            // By chance alone it would nearly always be a write or a sync.
            let isRare = world.random.chance(50)
            let call = isRare ? world.random.pick(Simulation.rareCalls) : nil
            let spared = world.random.below(isRare ? 3 : 30)
            platter.lieInWait(for: call, sparing: spared, with: .error)
        case .fullDisk: platter.limit(to: platter.usedByteCount + world.random.below(20_000))
        case .powerLoss where world.random.chance(50):
            platter.lieInWait(for: nil, sparing: world.random.below(12), with: .powerLoss)
        case .powerLoss:
            breakDown(losingPower: true)
            comeBack()
        case .readFlip:
            breakDown(losingPower: false)
            platter.lieInWait(for: "read", sparing: world.random.below(8), with: .flip)
            comeBack()
        case .bitRot:
            breakDown(losingPower: stage.has(.powerLoss) && world.random.chance(50))
            rot()
            if oracle.violations.isEmpty { comeBack() }
        default: break
        }
    }

    private func breakDown(losingPower losesPower: Bool) {
        if losesPower { stage.inject(.powerLoss) }
        killServer(losingPower: losesPower)
        world.run(for: .milliseconds(world.random.below(500)))
    }

    // MARK: Rot

    /// One bit of one file is another.
    ///
    /// It is found, or it is where nothing was that anybody acknowledged, or it is in what nothing says was durable:
    /// there it looks like a torn end, and is said to be dropped.
    private func rot() {
        guard let settings = scenario.files else { return }
        let files = platter.files
        let names = files.keys.sorted().filter { files[$0]?.isEmpty == false }
        guard !names.isEmpty,
            case .success(let whole) = VirtualJournalThread.reading(files, settings)
        else { return oracle.fail("damage-found", "the journal of a dead server cannot be read") }
        let name = world.random.pick(names)
        let offset = world.random.below(files[name]?.count ?? 0)
        let bit = world.random.below(8)
        stage.inject(.bitRot, "\(name), offset \(offset)")
        platter.flip(bit: bit, at: offset, of: name)
        switch VirtualJournalThread.reading(platter.files, settings) {
        case .failure(.damaged(let text)):
            oracle.count("rot refused")
            oracle.expect("damage-found", text.contains(", offset ")) {
                "damage is at no place: \(text)"
            }
            expectRefusal()
        case .failure(let error):
            oracle.fail("damage-found", "\(name), offset \(offset): \(error) is no damage")
        case .success(let report) where report.sequence < whole.sequence:
            oracle.count("rot looked torn")
            oracle.expect("damage-found", report.sequence >= whole.marked) {
                "\(name), offset \(offset): \(whole.marked) was marked, and only \(report.sequence) is left"
            }
            oracle.expect("damage-found", report.notes.contains { $0.contains("torn") }) {
                "\(name), offset \(offset): what was dropped was not said"
            }
        case .success:
            oracle.count("rot was harmless")
            return
        }
        // The operator has a copy.
        platter.flip(bit: bit, at: offset, of: name)
    }

    /// A server does not start on what is damaged.
    private func expectRefusal() {
        // A fault that lies in wait would be another reason.
        platter.relent()
        let server = launch()
        var isRefused = false
        if case .failed(.damaged) = server.start { isRefused = true }
        oracle.expect("damage-found", isRefused) { "a server started on damage: \(server.start)" }
        killServer()
    }

    // MARK: Counting

    /// Without those that are only slow.
    var seriousDiskFaultCount: Int {
        platter.faultCounts.reduce(0) { $0 + ($1.key == "slow" ? 0 : $1.value) }
    }

    /// A fault counts when it struck, not when it lay in wait.
    func countDiskFaults() {
        for (name, count) in platter.faultCounts.sorted(by: { $0.key < $1.key }) {
            oracle.count("disk: \(name)", count)
            if let fault = Simulation.fault(behind: name) {
                oracle.count("fault \(fault.rawValue)", count)
            }
        }
    }

    private static func fault(behind name: String) -> Fault? {
        switch name {
        case "error of write": .writeError
        case "error of sync": .syncError
        case "flip": .readFlip
        case "slow": .slowDisk
        case "budget spent": .fullDisk
        case _ where name.hasPrefix("error of"): .callError
        case _ where name.hasPrefix("power loss"): .powerLoss
        default: nil
        }
    }
}
