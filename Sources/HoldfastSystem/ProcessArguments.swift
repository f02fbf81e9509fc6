// What stands in the arguments of a process is shown to everybody on the machine. A secret that somebody wrote there
// anyway is covered as soon as it was read.

import CSystem
import Glibc

package enum ProcessArguments {
    /// Covers what follows an option, up to a bare `--`, behind which stand the arguments of another program.
    ///
    /// Whoever wants them has read them before.
    package static func hide(valuesOf option: String) {
        guard let arguments = holdfast_arguments() else { return }
        var coversNext = false
        var index = 1
        while let argument = arguments[index] {
            index += 1
            let text = String(cString: argument)
            if coversNext {
                cover(argument)
                coversNext = false
            } else if text == "--" {
                return
            } else if text == option {
                coversNext = true
            } else if text.hasPrefix(option + "=") {
                cover(argument + option.utf8.count + 1)
            }
        }
    }

    private static func cover(_ text: UnsafeMutablePointer<CChar>) {
        memset(text, CInt(UInt8(ascii: "x")), strlen(text))
    }
}
