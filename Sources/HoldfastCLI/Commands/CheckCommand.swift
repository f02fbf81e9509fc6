// `holdfast check`: the guard's question, answered by the exit code.

import HoldfastModel
package import HoldfastWire

package enum CheckCommand: SimpleCommand {
    package static let operation = OperationName.check

    package static func fields(_ settings: Settings) throws(UsageError) -> [JSONMember] {
        var builder = FieldBuilder(settings)
        guard let text = settings.positional(1) else {
            builder.add("ticket", positional: 0)
            return builder.members
        }
        guard let fence = Int64(text), fence >= 0 else {
            throw UsageError("FENCE: '\(text)' is not a whole number", in: .check)
        }
        builder.add("resource", positional: 0)
        builder.add("fence", .integer(fence))
        return builder.members
    }

    package static func text(of reply: JSONValue, style: Style) -> [String] {
        let isValid = reply["valid"]?.bool == true
        return [isValid ? style.paint("valid", .green) : style.paint("not valid", .red)]
            + FieldList.lines(of: reply, without: ["valid"])
    }

    package static func exitCode(of reply: JSONValue) -> ExitCode {
        reply["valid"]?.bool == true ? .done : .refused
    }
}
