// Alarms of real loops. What rings first is decided by deadlines in the past and by order, never by how
// long something takes.

import HoldfastModel
import HoldfastSystem
import Testing

struct LoopAlarmTests {
    @Test func `alarms ring in the order of their deadlines and equal ones as they were set`()
        async throws
    {
        let deadlines = [30, 10, 20, 10, 5, 30]
        let lines = try await onLoop { loop in
            let diary = Diary()
            let alarms = deadlines.map { _ in loop.makeAlarm() }
            return await withTaskGroup { group in
                for (number, alarm) in alarms.enumerated() {
                    group.addTask {
                        _ = await alarm.rings()
                        diary.note("\(number)")
                    }
                }
                await nextTurn(of: loop)
                for (alarm, deadline) in zip(alarms, deadlines) {
                    alarm.set(for: Instant(nanoseconds: Int64(deadline)))
                }
                await group.waitForAll()
                return diary.all
            }
        }
        #expect(lines == ["4", "1", "3", "2", "0", "5"])
    }

    @Test func `an alarm rings not before its deadline`() async throws {
        let (deadline, rang) = try await onLoop { loop in
            let alarm = loop.makeAlarm()
            let deadline = loop.reading.now + .milliseconds(3)
            alarm.set(for: deadline)
            _ = await alarm.rings()
            return (deadline, loop.reading.now)
        }
        #expect(rang >= deadline)
    }

    @Test func `a moved alarm rings at its new deadline only`() async throws {
        let lines = try await onLoop { loop in
            let diary = Diary()
            let moved = loop.makeAlarm()
            let other = loop.makeAlarm()
            return await withTaskGroup { group in
                for (name, alarm) in [("moved", moved), ("other", other)] {
                    group.addTask {
                        _ = await alarm.rings()
                        diary.note(name)
                    }
                }
                await nextTurn(of: loop)
                moved.set(for: Instant(nanoseconds: 1))
                other.set(for: Instant(nanoseconds: 2))
                moved.set(for: Instant(nanoseconds: 3))
                await group.waitForAll()
                return diary.all
            }
        }
        #expect(lines == ["other", "moved"])
    }

    @Test func `a disarmed alarm does not ring`() async throws {
        let lines = try await onLoop { loop in
            let diary = Diary()
            let disarmed = loop.makeAlarm()
            let other = loop.makeAlarm()
            return await withTaskGroup { group in
                group.addTask {
                    diary.note(await disarmed.rings() ? "disarmed rang" : "disarmed was cancelled")
                }
                disarmed.set(for: .zero)
                disarmed.set(for: .never)
                other.set(for: .zero)
                _ = await other.rings()
                diary.note("other rang")
                await nextTurn(of: loop)
                group.cancelAll()
                await group.waitForAll()
                return diary.all
            }
        }
        #expect(lines == ["other rang", "disarmed was cancelled"])
    }

    @Test func `an alarm that rang is disarmed until it is set again`() async throws {
        let rings = try await onLoop { loop in
            let alarm = loop.makeAlarm()
            var rings: [Bool] = []
            for _ in 0..<3 {
                alarm.set(for: .zero)
                rings.append(await alarm.rings())
            }
            let waits = await withTaskGroup { group in
                group.addTask { await alarm.rings() }
                await nextTurn(of: loop)
                await nextTurn(of: loop)
                group.cancelAll()
                return await group.next() ?? true
            }
            return rings + [waits]
        }
        #expect(rings == [true, true, true, false])
    }

    @Test func `a deadline that passes while nobody waits is not lost`() async throws {
        let hasRung = try await onLoop { loop in
            let alarm = loop.makeAlarm()
            alarm.set(for: .zero)
            await nextTurn(of: loop)
            await nextTurn(of: loop)
            return await alarm.rings()
        }
        #expect(hasRung)
    }

    @Test func `moving an alarm forgets a deadline that passed while nobody waited`() async throws {
        let hasRung = try await onLoop { loop in
            let alarm = loop.makeAlarm()
            alarm.set(for: .zero)
            await nextTurn(of: loop)
            await nextTurn(of: loop)
            alarm.set(for: .never)
            return await withTaskGroup { group in
                group.addTask { await alarm.rings() }
                await nextTurn(of: loop)
                group.cancelAll()
                return await group.next() ?? true
            }
        }
        #expect(!hasRung)
    }

    @Test func `a task that is cancelled already does not wait`() async throws {
        let hasRung = try await onLoop { loop in
            let alarm = loop.makeAlarm()
            return await withTaskGroup(of: Bool.self) { group in
                group.cancelAll()
                group.addTask { await alarm.rings() }
                return await group.next() ?? true
            }
        }
        #expect(!hasRung)
    }

    @Test func `a cancellation that comes too late does not wake the next one who waits`()
        async throws
    {
        // The cancellation is posted, the alarm rings in the same turn, and the next task waits
        // before the post is run.
        let second = try await onLoop { loop in
            let alarm = loop.makeAlarm()
            return await withTaskGroup { outer in
                let first = await withTaskGroup { inner in
                    inner.addTask {
                        let first = await alarm.rings()
                        return first
                    }
                    await nextTurn(of: loop)
                    inner.cancelAll()
                    alarm.set(for: .zero)
                    return await inner.next() ?? false
                }
                guard first else { return false }
                outer.addTask { await alarm.rings() }
                await nextTurn(of: loop)
                await nextTurn(of: loop)
                alarm.set(for: .zero)
                return await outer.next() ?? false
            }
        }
        #expect(second)
    }

    @Test func `ringing and cancelling at the same moment resumes every task once`() async throws {
        let answers = try await onLoops(2) { loops in
            // This task cancels from the first loop what waits on the second.
            let loop = loops[1]
            var answers: [Bool] = []
            for number in 0..<3_000 {
                let armed = Diary()
                let delay = Interval(nanoseconds: Int64(number % 16) * 2_000)
                let hasRung = await withTaskGroup(of: Bool.self) { group in
                    group.addTask(executorPreference: loop) {
                        let alarm = loop.makeAlarm()
                        alarm.set(for: loop.reading.now + delay)
                        armed.note("armed")
                        return await alarm.rings()
                    }
                    _ = await armed.lines(atLeast: 1)
                    group.cancelAll()
                    return await group.next() ?? false
                }
                answers.append(hasRung)
            }
            return answers
        }
        #expect(answers.count == 3_000)
    }
}
