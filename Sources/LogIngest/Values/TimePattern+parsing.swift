import Samples

extension TimePattern {
    /// Throws `usage` for a token that is not known, and if the tokens do not make one whole time: the message says what
    /// is wrong and, if that has a place, at which character.
    init(_ text: String) throws(StageError) {
        var reader = Reader(text: text)
        try reader.read()
        try reader.checkWhole()
        self.init(steps: reader.steps)
    }

    /// Reads a pattern.
    private struct Reader {
        let text: String
        var steps: [Step] = []
        /// What has been read of the time, each with its token.
        private var parts: [(part: Part, token: String)] = []

        init(text: String) { self.text = text }

        /// What may stand in a pattern only once.
        private enum Part: String {
            case year, month, day, weekday, hour, minute, second, offset
            case dayOfYear = "day of the year"
            case halfDay = "AM or PM"
            case fraction = "fraction of a second"
        }

        private static let known = "%Y %y %m %b %B %d %j %a %A %H %I %p %M %S %f %z %T %D %F %%"

        mutating func read() throws(StageError) {
            let characters = Array(text)
            var index = 0
            while index < characters.count {
                let place = index
                let character = characters[index]
                index += 1
                if character != "%" {
                    append(character)
                    continue
                }
                let hyphens = index < characters.count && characters[index] == "-"
                if hyphens { index += 1 }
                guard index < characters.count else { throw fault("a percent sign at the end", at: place) }
                let letter = characters[index]
                index += 1
                if hyphens && !"mdHIMSyj".contains(letter) { throw unknown("%-\(letter)", at: place) }
                try appendToken(letter, at: place)
            }
            // A number that touches another ends where its digits end only if it has all of them.
            for place in steps.indices.dropFirst() where steps[place].piece.isNumber && steps[place - 1].piece.isNumber
            {
                steps[place].mayBeShort = false
                steps[place - 1].mayBeShort = false
            }
        }

        private mutating func append(_ character: Character) {
            for byte in character.utf8 {
                if !TimePattern.isWhiteSpace(byte) {
                    steps.append(Step(piece: .literal, byte: byte))
                } else if steps.last?.piece != .whiteSpace {
                    steps.append(Step(piece: .whiteSpace))
                }
            }
        }

        private mutating func appendToken(_ letter: Character, at place: Int) throws(StageError) {
            switch letter {
            case "%": append("%")
            case "Y": try append(.year, .year, letter, at: place)
            case "y": try append(.yearOfCentury, .year, letter, at: place)
            case "m": try append(.month, .month, letter, at: place)
            case "b", "B": try append(.monthName, .month, letter, at: place)
            case "d": try append(.day, .day, letter, at: place)
            case "j": try append(.dayOfYear, .dayOfYear, letter, at: place)
            case "a", "A": try append(.weekday, .weekday, letter, at: place)
            case "H": try append(.hour, .hour, letter, at: place)
            case "I": try append(.hourOfHalfDay, .hour, letter, at: place)
            case "p": try append(.halfDay, .halfDay, letter, at: place)
            case "M": try append(.minute, .minute, letter, at: place)
            case "S": try append(.second, .second, letter, at: place)
            case "f": try append(.fraction, .fraction, letter, at: place)
            case "z": try append(.offset, .offset, letter, at: place)
            case "T": try append(all: "H:M:S", at: place)
            case "D": try append(all: "m/d/y", at: place)
            case "F": try append(all: "Y-m-d", at: place)
            case "Z":
                throw fault(
                    "`%Z`, which cannot be read: a zone's short name may mean several", at: place,
                    advice: "write the name itself into the pattern and set the time zone")
            case "s":
                throw fault("`%s`, which cannot be read", at: place, advice: "unix times have a format of their own")
            default: throw unknown("%\(letter)", at: place)
            }
        }

        /// Tokens' letters, and what stands between them.
        private mutating func append(all letters: String, at place: Int) throws(StageError) {
            for letter in letters {
                if letter.isLetter { try appendToken(letter, at: place) } else { append(letter) }
            }
        }

        private mutating func append(
            _ piece: Piece, _ part: Part, _ letter: Character, at place: Int
        ) throws(StageError) {
            let token = "%\(letter)"
            if let other = parts.first(where: { $0.part == part }) {
                throw fault(
                    other.token == token
                        ? "`\(token)` twice" : "`\(token)` after `\(other.token)`, two of one thing: \(part.rawValue)",
                    at: place)
            }
            parts.append((part, token))
            steps.append(Step(piece: piece))
        }

        // MARK: Sense

        func checkWhole() throws(StageError) {
            if !has(.year) { throw lacking("no year", "add %Y or %y") }
            if has(.dayOfYear) {
                if has(.month) || has(.day) {
                    throw lacking("a day of the year beside a month or a day of the month", "leave out %j")
                }
            } else {
                if !has(.month) { throw lacking("no month", "add %m or %b") }
                if !has(.day) { throw lacking("no day", "add %d") }
            }
            let readsHalf = steps.contains { $0.piece == .hourOfHalfDay }
            if readsHalf && !has(.halfDay) {
                throw lacking("%I without %p", "add %p, or take %H for hours from 0 to 23")
            }
            if !readsHalf && has(.halfDay) {
                throw lacking("%p without %I", "%H is for hours from 0 to 23, %I from 1 to 12")
            }
            if has(.minute) && !has(.hour) { throw lacking("minutes without hours", "add %H or %I") }
            if has(.second) && !has(.minute) { throw lacking("seconds without minutes", "add %M") }
            if has(.fraction) && !has(.second) { throw lacking("a fraction without seconds", "add %S") }
        }

        private func has(_ part: Part) -> Bool { parts.contains { $0.part == part } }

        private func lacking(_ what: String, _ advice: String) -> StageError {
            StageError(.usage, "the time pattern `\(text)` has \(what)", advice: advice)
        }

        private func unknown(_ token: String, at place: Int) -> StageError {
            fault("`\(token)`, which is not known", at: place, advice: "known are \(Self.known)")
        }

        private func fault(_ what: String, at place: Int, advice: String? = nil) -> StageError {
            StageError(
                .usage, "the time pattern `\(text)` has \(what), at character \(place + 1)", advice: advice)
        }
    }
}

extension TimePattern.Piece {
    /// Whether it is written in digits alone.
    fileprivate var isNumber: Bool {
        switch self {
        case .year, .yearOfCentury, .month, .day, .dayOfYear, .hour, .hourOfHalfDay, .minute, .second, .fraction: true
        case .literal, .whiteSpace, .monthName, .weekday, .halfDay, .offset: false
        }
    }
}
