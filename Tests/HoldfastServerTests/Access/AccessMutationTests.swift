// Whatever an operator's file or a shown token becomes by damage, nothing traps, nothing is believed that was not
// signed, and what cannot be read is named: hundreds of files and tokens, each a good one with some damage, the same
// in every run. The parser of tokens is fuzzed without end by `.ci/fuzz token`.

import HoldfastCoordinator
import HoldfastModel
import HoldfastSimulation
import HoldfastSystem
import HoldfastWire
import Testing

@testable import HoldfastServer

private let spice = Array("{}[]\",:*/#\\-_.= \r\n0aAé".utf8) + [0xff]

private func damage(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
    var bytes = bytes
    for _ in 0...(random.next() % 3) {
        let place = Int(random.next() % UInt64(bytes.count + 1))
        let byte = spice[Int(random.next() % UInt64(spice.count))]
        switch random.next() % 5 {
        case 0: bytes.insert(byte, at: place)
        case 1: if place < bytes.count { bytes[place] = byte }
        case 2: if place < bytes.count { bytes.remove(at: place) }
        case 3: if place < bytes.count { bytes[place] ^= 1 << UInt8(random.next() % 8) }
        default:
            let end = min(bytes.count, place + Int(random.next() % 40))
            bytes.insert(contentsOf: bytes[place..<end], at: Int(random.next() % UInt64(place + 1)))
        }
    }
    return bytes
}

struct AccessMutationTests {
    @Test func `a damaged file of people is read as it stands, or its line is named`() throws {
        let file = """
            # people
            {"name":"ann","display":"Ann","token":"\(hashText(of: "t"))","roles":["deployer","reader"]}
            {"role":"deployer","rights":["lock:deploy/**","steal:deploy/*"]}

            {"role":"reader","rights":["read:**"]}
            {"name":"bot","kind":"application","limits":{"tickets_per_principal":2}}
            """
        var random = SeededGenerator(seed: 5)
        var (readCount, flawCount) = (0, 0)
        for _ in 0..<700 {
            // As a file that is not UTF-8 is refused before.
            let text = String(decoding: damage(Array(file.utf8), &random), as: UTF8.self)
            switch Result(catching: { () throws(AccessFlaw) in try AccessTable(parsing: text) }) {
            case .success(let table):
                readCount += 1
                for name in table.everybody {
                    let roles = try #require(table.person(named: name)).roles
                    for pattern in table.patterns(ofRoles: roles) {
                        #expect(text.contains(pattern.text.split(separator: "/").first ?? ""))
                    }
                }
            case .failure(let flaw):
                flawCount += 1
                let line = try #require(flaw.line, "\(flaw)")
                #expect((1...text.utf8.count { $0 == 0x0a } + 1).contains(line), "\(flaw)")
                #expect(!flaw.problem.isEmpty)
            }
        }
        #expect(readCount > 20 && flawCount > 200)
    }

    @Test(arguments: [(rsaKey, rsaToken), (ecKey, ecToken)])
    func `a damaged key of a set is another or none, and believes no token of the first`(
        key: String,
        token: String
    ) throws {
        let cryptography = try Cryptography()
        let token = try #require(JSONWebToken(token))
        var random = SeededGenerator(seed: 6)
        var (others, flawCount) = (0, 0)
        let good = try #require(try JWTKeys(parsing: key, cryptography).markOfKey(behind: token))
        for _ in 0..<200 {
            let text = String(decoding: damage(Array(key.utf8), &random), as: UTF8.self)
            do throws(AccessFlaw) {
                let keys = try JWTKeys(parsing: text, cryptography)
                #expect(keys.areSecret == false, "\(text)")
                if keys.contains(mark: good) { continue }
                others += 1
                #expect(keys.markOfKey(behind: token) == nil, "\(text)")
            } catch {
                flawCount += 1
                #expect(!error.problem.isEmpty)
            }
        }
        #expect(flawCount > 80)
        // On the curve there is hardly another point near; of RSA nearly every number is a key.
        #expect(key == ecKey || others > 5)
    }

    @Test(arguments: [(rsaKey, rsaToken), (ecKey, ecToken)])
    func `no damaged token is believed`(key: String, token: String) throws {
        let keys = try JWTKeys(parsing: key, Cryptography())
        var random = SeededGenerator(seed: 7)
        var readCount = 0
        for _ in 0..<400 {
            let text = String(decoding: damage(Array(token.utf8), &random), as: UTF8.self)
            guard text != token, let damaged = JSONWebToken(text) else { continue }
            readCount += 1
            #expect(keys.markOfKey(behind: damaged) == nil, "\(text)")
        }
        #expect(readCount > 10)
    }
}
